import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { EVENTS_QUEUE, type LocalAwsOptions, seed, startLocalAws } from '../../src/local-aws/index.ts';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { type BuildOptions, build, MARY } from '../helper.ts';
import { runs } from '../runs.ts';
import { eventually, until } from '../wait.ts';
import { changeEvent, type EventFacts } from './change-event.ts';
import { survey } from './survey.ts';

const [ACCOUNT, REGION] = ['111111111111', 'us-east-1'];
const SERVICE = `arn:aws:iam::${ACCOUNT}:role/secret-access-service`;
const OWNER = `arn:aws:iam::${ACCOUNT}:user/owner`;
const ESTATE = { ESTATE_ACCOUNTS: ACCOUNT, ESTATE_REGIONS: `${REGION},eu-west-1` };
const BASE = '/v1/secrets/demo%2Fdatabase';
const THEIRS = {
  ...{ Sid: 'Terraform', Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::222222222222:root' } },
  ...{ Action: 'secretsmanager:DescribeSecret', Resource: '*' },
};
const putPolicy = (secretId: string, facts: EventFacts = {}) => changeEvent('PutResourcePolicy', { secretId }, facts);

type Setting = Pick<BuildOptions, 'endpoint' | 'overrides'> & {
  /** Before the service starts. */
  prepare?: (sqs: (operation: string, input: object) => Record<string, unknown>) => void;
  world?: Partial<LocalAwsOptions>;
};

/** A service over a stand-in that sends it what happens there. */
async function receiving(t: Test, { prepare, world, ...options }: Setting = {}) {
  const aws = await startLocalAws({ port: 0, file: ':memory:', eventsQueue: EVENTS_QUEUE, ...world });
  t.teardown(() => aws.close());
  seed(aws);
  const QueueUrl = `${aws.url}/${ACCOUNT}/secret-access-events`;
  const as = (service: 'secretsmanager' | 'kms' | 'sqs') => (operation: string, input: object) =>
    aws.call('LOCALOWNER', REGION, service, operation, input);
  const sqs = (operation: string, input: object) => as('sqs')(operation, { QueueUrl, ...input });
  prepare?.(sqs);
  const env = { ...ESTATE, ESTATE_EVENTS_QUEUE_URL: QueueUrl };
  const built = await build(t, { aws, env, ...options });
  const { call } = built;
  return {
    ...built,
    ...{ sqs, kms: as('kms'), secretsManager: as('secretsmanager') },
    /** Behind the service’s back. */
    attach: (...Statement: object[]) =>
      as('secretsmanager')('PutResourcePolicy', {
        ...{ SecretId: 'demo/database', ResourcePolicy: JSON.stringify({ Version: '2012-10-17', Statement }) },
      }),
    /** Whatever anybody sends. */
    send: (body: string | object) =>
      sqs('SendMessage', { MessageBody: typeof body === 'string' ? body : JSON.stringify(body) }),
    /** Nothing waits, and nothing is under way. */
    isDone: () => {
      const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];
      const counts = sqs('GetQueueAttributes', { AttributeNames })['Attributes'] as Record<string, string>;
      return AttributeNames.every((name) => counts[name] === '0');
    },
    async counted(name: string): Promise<number> {
      const { body } = await call('GET', '/metrics');
      const line = body.split('\n').find((one) => one.startsWith(`secret_access_change_events_${name} `));
      return Number(line?.split(' ')[1]);
    },
    drifts: async () => (await call('GET', '/v1/audit-events?action=drift')).json.items,
    changeEvents: async () => (await call('GET', '/v1/estate')).json.changeEvents,
  };
}

t.test(
  'what others change is on record with who is said to have done it, without a look, and can be restored',
  async (t) => {
    const { call, arnOf, attach, send, isDone, drifts } = await receiving(t);
    const arn = await arnOf('demo/database');
    const { share } = (await call('POST', `${BASE}/shares`, { principal: MARY })).json;
    attach(THEIRS);
    const [drift] = await eventually(async () => {
      const items = await drifts();
      if (items.length === 0) throw new Error('no drift yet');
      return items;
    });
    t.match(drift, {
      ...{ actor: { subject: 'outside' }, outcome: 'applied', secret: { arn } },
      policy: { after: { Statement: [THEIRS] }, missing: [{ principal: MARY }] },
      reportedBy: { arn: OWNER, account: ACCOUNT, eventName: 'PutResourcePolicy', eventTime: /^20.*Z$/ },
    });
    await until(isDone);
    const found = () => call('GET', '/v1/findings?kind=drift').then(({ json }) => json.items);
    t.match(await found(), [{ secret: { arn }, detail: /1 of our entries is missing/ }]);
    t.match((await call('GET', '/v1/audit-events/verification')).json, { intact: true });
    t.match((await call('GET', '/v1/audit-events?action=drift&format=ocsf')).json.items, [
      { unmapped: { reported_by: { arn: OWNER } } },
    ]);

    const { etag } = (await call('GET', `${BASE}/policy`)).json;
    t.equal((await call('POST', `${BASE}/policy/restore-drift`, {}, { 'if-match': etag })).status, 200);
    t.match((await call('GET', `${BASE}/policy`)).json, { missing: [], shares: [{ id: share.id }] });
    send(putPolicy(arn));
    await until(isDone);
    t.equal((await drifts()).length, 1, 'recorded once');
    t.same(await found(), []);
  },
);

t.test('what others put between our last look and our Put is on record, as the event says', async (t) => {
  const proxies: FaultProxy[] = [];
  let behind = 60_000;
  const clock = () => new Date(Date.now() - behind);
  const { call, attach, send, isDone, drifts, arnOf } = await receiving(t, {
    ...{ world: { clock }, overrides: { clock } },
    async endpoint({ url: target }) {
      const proxy = await startFaultProxy({ target });
      proxies.push(proxy);
      t.teardown(() => proxy.close());
      return proxy.url;
    },
  });
  const other = (await call('POST', `${BASE}/shares`, { principal: '222222222222' })).json.share;
  behind = 0;
  const run = () => void attach(THEIRS);
  proxies[0]?.inject('PutResourcePolicy', { do: 'hook', run }, (n) => n === 1);
  const { changeId } = (await call('POST', `${BASE}/shares`, { principal: MARY })).json;
  const told = await eventually(async () => {
    // Until a minute is over AWS may not show it yet; when it is put off for that long is not told.
    behind -= 61_000;
    send('{');
    await sleep(500);
    const [drift] = await drifts();
    if (drift === undefined) throw new Error('nothing yet');
    return drift;
  });
  t.match(told, {
    ...{ actor: { subject: 'outside' }, outcome: 'unknown', policy: null, reportedBy: { arn: OWNER } },
    request: { unseen: { replacedBy: [changeId], gone: [THEIRS], back: [{ id: other.id }] } },
  });
  const arn = await arnOf('demo/database');
  const [{ policy }] = (await call('GET', `/v1/audit-events?changeId=${changeId}&outcome=applied`)).json.items;
  const { eventTime } = told.reportedBy;
  for (const put of [policy.after, policy.before, 'nonsense', undefined])
    send(
      changeEvent(
        'PutResourcePolicy',
        { secretId: arn, ...(put && { resourcePolicy: JSON.stringify(put) }) },
        { detail: { eventTime } },
      ),
    );
  await until(isDone);
  t.equal((await drifts()).length, 1, 'not what was seen, what left all as it was, and what nobody can read');
  const { summary } = (await call('GET', '/v1/audit-events?action=drift&view=changes')).json.items[0];
  t.match(summary, /replaced before anybody saw it: 1 that they wrote gone, 1 that they took out back$/);
  t.match((await call('GET', `${BASE}/policy`)).json, { missing: [] }, 'nothing else follows from it');
});

t.test('our own changes are no drift, and one that the audit log knows leads to no look', async (t) => {
  const { call, arnOf, send, isDone, drifts, counted } = await receiving(t);
  const arn = await arnOf('demo/database');
  await call('POST', `${BASE}/shares`, { principal: MARY });
  await until(isDone);
  const [{ awsRequestId: requestId }] = (await call('GET', '/v1/audit-events?action=share&outcome=applied')).json.items;
  const before = await counted('useless_total{reason="own-change"}');
  send(putPolicy(arn, { requestId }));
  await until(isDone);
  t.equal(await counted('useless_total{reason="own-change"}'), before + 1);
  t.same(await drifts(), []);
});

t.test('secrets that come, change and go are in the index, and out of it', async (t) => {
  const { call, secretsManager, send, isDone, counted } = await receiving(t);
  const found = async () => {
    await until(isDone);
    return (await call('GET', '/v1/estate/secrets?text=made-now')).json.items;
  };
  const { ARN } = secretsManager('CreateSecret', { Name: 'made-now', SecretString: 'x' });
  t.match(await found(), [{ arn: ARN, tags: {} }]);
  secretsManager('TagResource', { SecretId: 'made-now', Tags: [{ Key: 'team', Value: 'blue' }] });
  t.match(await found(), [{ arn: ARN, tags: { team: 'blue' } }]);
  secretsManager('ReplicateSecretToRegions', { SecretId: 'made-now', AddReplicaRegions: [{ Region: 'eu-west-1' }] });
  t.match(await found(), [{ region: 'eu-west-1' }, { region: REGION }], 'a replica too, whose event has its name only');
  secretsManager('RemoveRegionsFromReplication', { SecretId: 'made-now', RemoveReplicaRegions: ['eu-west-1'] });
  t.match(await found(), [{ arn: ARN }]);
  secretsManager('DeleteSecret', { SecretId: ARN, ForceDeleteWithoutRecovery: true });
  t.same(await found(), []);
  send(changeEvent('UpdateSecret', { secretId: 'made-now' }));
  await until(isDone);
  t.equal(await counted('useless_total{reason="no-such-secret"}'), 1);
});

t.test('a secret that was deleted for good is gone by its name, also where another has that name by now', async (t) => {
  const { call, aws, send, isDone } = await receiving(t, { world: { eventsQueue: 'none' } });
  const owner = (operation: string, input: object) =>
    aws.call('LOCALOWNER', REGION, 'secretsmanager', operation, input);
  const make = (Name: string) => String(owner('CreateSecret', { Name, SecretString: 'x' })['ARN']);
  const remove = (SecretId: string) => owner('DeleteSecret', { SecretId, ForceDeleteWithoutRecovery: true });
  const indexed = async () =>
    (await call('GET', '/v1/estate/secrets?text=again')).json.items.map(({ arn }: { arn: string }) => arn);
  const deleted = async () => {
    send(changeEvent('DeleteSecret', { secretId: 'again', forceDeleteWithoutRecovery: true }));
    await until(isDone);
    return indexed();
  };
  const [first, longer] = [make('again'), make('again-AbCdEf')];
  await survey({ call }, { region: REGION });
  t.same((await indexed()).toSorted(), [first, longer].toSorted());
  remove(first);
  t.same(await deleted(), [longer]);

  const second = make('again');
  await survey({ call }, { region: REGION });
  remove(second);
  const third = make('again');
  t.same((await deleted()).toSorted(), [longer, third].toSorted());
});

t.test('what AWS does not show yet is looked at once more a minute later, and is in the index then', async (t) => {
  let ahead = -3_600_000;
  const clock = () => new Date(Date.now() + ahead);
  const world = { clock, lagMs: 50_000 };
  const { call, attach, send, sqs, isDone, drifts, counted } = await receiving(t, { world, overrides: { clock } });
  await call('POST', `${BASE}/shares`, { principal: MARY });
  await until(isDone);
  ahead = 0;
  await survey({ call }, { region: REGION });
  const before = await counted('received_total');
  attach(THEIRS);
  send(putPolicy('demo/nothing', { detail: { eventTime: clock().toISOString() } }));
  await until(async () => (await counted('received_total')) === before + 2);
  await until(async () => (await counted('oldest_seconds')) === 0);
  const waiting = () => sqs('ReceiveMessage', { MaxNumberOfMessages: 10 })['Messages'];
  t.notOk(isDone(), 'neither is done');
  t.same(await drifts(), [], 'as AWS shows it nothing is changed');
  ahead = 30_000;
  t.notOk(waiting(), 'a minute is not over');

  ahead = 120_000;
  send('{');
  await until(isDone);
  t.match(await drifts(), [{ reportedBy: { arn: OWNER }, policy: { after: { Statement: [THEIRS] } } }]);
  t.equal(await counted('received_total'), before + 5, 'each came twice, and what woke who waits once');
  t.equal(await counted('useless_total{reason="no-such-secret"}'), 1);
});

t.test('a key that others change is read again, and what hangs on it is judged anew', async (t) => {
  const { call, kms, send, isDone, counted } = await receiving(t);
  await call('POST', `${BASE}/shares`, { principal: MARY });
  await survey({ call }, { region: REGION });
  const { Arn: KeyId } = kms('DescribeKey', { KeyId: 'alias/demo' })['KeyMetadata'] as { Arn: string };
  const put = async (...who: string[]) => {
    const Statement = who.map((AWS) => ({ Effect: 'Allow', Principal: { AWS }, Action: 'kms:*', Resource: '*' }));
    kms('PutKeyPolicy', { KeyId, PolicyName: 'default', Policy: JSON.stringify({ Version: '2012-10-17', Statement }) });
    await until(isDone);
    return (await call('GET', '/v1/findings?kind=unusable-share')).json.items.length;
  };
  const owner = `arn:aws:iam::${ACCOUNT}:root`;
  t.equal(await put(owner, MARY), 0);
  t.equal(await put(owner), 1);
  t.equal(await put(owner, MARY), 0);
  send(changeEvent('CreateGrant', { keyId: KeyId.replace(/.{3}$/, '000') }, { source: 'kms' }));
  await until(isDone);
  t.equal(await counted('useless_total{reason="unknown-key"}'), 1);
});

t.test('a key whose material expired is read again, which no caller did', async (t) => {
  const { call, kms, send, isDone } = await receiving(t, { world: { eventsQueue: 'none' } });
  await call('POST', `${BASE}/shares`, { principal: MARY, grantKey: true });
  await survey({ call }, { region: REGION });
  const { Arn: KeyId } = kms('DescribeKey', { KeyId: 'alias/demo' })['KeyMetadata'] as { Arn: string };
  const unusable = async () => (await call('GET', '/v1/findings?kind=unusable-share')).json.items.length;
  t.equal(await unusable(), 0);
  kms('DisableKey', { KeyId });
  const detail = { userIdentity: { accountId: ACCOUNT, invokedBy: 'AWS Internal' }, resources: [{ ARN: KeyId }] };
  const event = changeEvent('DeleteExpiredKeyMaterial', null, { source: 'kms', detail });
  send({ ...event, 'detail-type': 'AWS Service Event via CloudTrail' });
  await until(isDone);
  t.equal(await unusable(), 1);
});

t.test(
  'an alias that is given to another key has its secrets judged by that one, once they are under it',
  async (t) => {
    let ahead = 0;
    const clock = () => new Date(Date.now() + ahead);
    const { call, kms, secretsManager, send, isDone } = await receiving(t, { world: { clock }, overrides: { clock } });
    /** What is looked at a minute later is looked at now. */
    const settled = async () => {
      for (let polls = 1; !isDone(); polls += 1) {
        await sleep(20);
        if (polls % 50 > 0) continue;
        ahead += 61_000;
        send('{');
      }
    };
    const AliasName = 'alias/moves';
    const makeKey = (...who: string[]) => {
      const Statement = who.map((AWS) => ({ Effect: 'Allow', Principal: { AWS }, Action: 'kms:*', Resource: '*' }));
      const made = kms('CreateKey', { Policy: JSON.stringify({ Version: '2012-10-17', Statement }) });
      return (made['KeyMetadata'] as { KeyId: string }).KeyId;
    };
    const owner = `arn:aws:iam::${ACCOUNT}:root`;
    const [open, closed] = [makeKey(owner, MARY), makeKey(owner)];
    kms('CreateAlias', { AliasName, TargetKeyId: open });
    secretsManager('CreateSecret', { Name: 'aliased', SecretString: 'x', KmsKeyId: AliasName });
    await call('POST', '/v1/secrets/aliased/shares', { principal: MARY });
    await settled();
    await survey({ call }, { region: REGION });
    const leg = async () => {
      await settled();
      const { json } = await call('GET', `/v1/principals/${encodeURIComponent(MARY)}/secrets`);
      const { legs } = json.items.find(({ secret }: { secret: { name: string } }) => secret.name === 'aliased');
      const { items } = (await call('GET', '/v1/findings?kind=unusable-share')).json;
      return [legs.find((one: { leg: string }) => one.leg === 'keyPolicy').status, items.length];
    };
    t.strictSame(await leg(), ['done', 0]);
    kms('UpdateAlias', { AliasName, TargetKeyId: closed });
    t.strictSame(await leg(), ['unknown', 0], 'its value is under the key of before still');
    for (const SecretString of ['y', 'z']) secretsManager('UpdateSecret', { SecretId: 'aliased', SecretString });
    t.strictSame(await leg(), ['missing', 1], 'now it is, and the value of before too');
    kms('DeleteAlias', { AliasName });
    t.strictSame(await leg(), ['unknown', 0], 'which key it is nobody can tell');
  },
);

t.test('what a key shows already is looked at once: our own grants, and what changes nothing', async (t) => {
  const { call, kms, isDone, counted } = await receiving(t);
  await survey({ call }, { region: REGION });
  const { Arn: KeyId } = kms('DescribeKey', { KeyId: 'alias/demo' })['KeyMetadata'] as { Arn: string };
  const Principal = { AWS: [`arn:aws:iam::${ACCOUNT}:root`] };
  const Statement = [{ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }];
  const put = () =>
    kms('PutKeyPolicy', { KeyId, PolicyName: 'default', Policy: JSON.stringify({ Version: '2012-10-17', Statement }) });
  put();
  await until(isDone);
  const before = await counted('received_total');
  const share = await call('POST', `${BASE}/shares`, { principal: MARY, grantKey: true });
  t.match(share.json.legs, [{}, { leg: 'keyPolicy', status: 'done' }, {}]);
  put();
  kms('EnableKey', { KeyId });
  await until(isDone);
  t.equal(await counted('received_total'), before + 4, 'the share, its grant, and two of the owner: none came again');
});

t.test('what is of no use is counted, and gone; what is forged costs a look at most', async (t) => {
  const { arnOf, send, isDone, drifts, counted, changeEvents } = await receiving(t);
  const arn = await arnOf('demo/database');
  const elsewhere = (of: EventFacts) => putPolicy('demo/database', of);
  const useless = {
    'too-large': [`"${'x'.repeat(262_143)}"`],
    malformed: ['{', 'null', putPolicy(arn, { account: '222222222222' })],
    'other-event': [changeEvent('GetSecretValue', { secretId: arn })],
    'failed-call': [putPolicy(arn, { detail: { errorCode: 'AccessDenied' } })],
    'not-of-estate': ['ap-south-1', 'xx-no-where-9'].map((region) => elsewhere({ region })),
  };
  useless['not-of-estate'].push(elsewhere({ account: '222222222222' }));
  for (const body of Object.values(useless).flat()) send(body);
  send(putPolicy(arn));
  await until(isDone);
  for (const [reason, { length }] of Object.entries(useless))
    t.equal(await counted(`useless_total{reason="${reason}"}`), length, reason);
  t.same(await drifts(), []);
  t.match(await changeEvents(), { receiving: true, lastReceivedAt: /^20/, problem: null });
});

t.test('thousands of the same are some looks, and one drift', async (t) => {
  const { call, arnOf, attach, send, isDone, drifts, counted } = await receiving(t);
  const arn = await arnOf('demo/database');
  await call('POST', `${BASE}/shares`, { principal: MARY });
  attach(THEIRS);
  const count = runs(100, 2_000, 9_000);
  for (let sent = 0; sent < count; sent += 1) send(putPolicy(arn));
  await until(isDone);
  t.equal((await drifts()).length, 1);
  t.ok((await counted('received_total')) > count);
  t.ok((await counted('coalesced_total')) > count / 2);
});

t.test('a queue that does not answer is told of, and what a consumer took that died comes again', async (t) => {
  const policy = (...Statement: object[]) => ({
    Attributes: { Policy: JSON.stringify({ Version: '2012-10-17', Statement }) },
  });
  const refused = { Effect: 'Deny', Principal: { AWS: SERVICE }, Action: 'sqs:ReceiveMessage', Resource: '*' };
  const rule = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: '*',
  };
  const { call, sqs, attach, isDone, drifts, changeEvents } = await receiving(t, {
    prepare: (sqs) => void sqs('SetQueueAttributes', policy(rule, refused)),
  });
  await call('POST', `${BASE}/shares`, { principal: MARY });
  await until(async () => !(await changeEvents()).receiving);
  t.match(await changeEvents(), { lastReceivedAt: null, problem: /not authorized/ });
  attach(THEIRS);
  const { Messages } = sqs('ReceiveMessage', { MaxNumberOfMessages: 10, VisibilityTimeout: 2 });
  t.match(Messages, [{}, {}], 'somebody else has our share and their change');
  sqs('SetQueueAttributes', policy(rule));
  await until(isDone);
  t.equal((await drifts()).length, 1);
  t.match(await changeEvents(), { receiving: true, lastReceivedAt: /^20/, problem: null });
});
