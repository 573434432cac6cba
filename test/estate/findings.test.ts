import t from 'tap';
import { seed, seedEstate, startLocalAws } from '../../src/local-aws/index.ts';
import { policyHash } from '../../src/policy/canonical.ts';
import { outcome } from '../audit/draft.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';
import { ESTATE, survey } from './survey.ts';

const aws = await startLocalAws({ port: 0, file: ':memory:' });
seed(aws);
seedEstate(aws);
t.teardown(() => aws.close());
const built = await build(t, { aws, env: ESTATE });
const { call } = built;

type Found = { kind: string; secret: { name: string }; since: string };
const findings = async (query = ''): Promise<Found[]> => (await call('GET', `/v1/findings${query}`)).json.items;
const shown = (some: Found[]) => some.map(({ kind, secret }) => [secret.name, kind]);
const put = (SecretId: string, ...Statement: object[]) =>
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutResourcePolicy', {
    ...{ SecretId, ResourcePolicy: JSON.stringify({ Version: '2012-10-17', Statement }), BlockPublicPolicy: false },
  });
const lets = (Principal: object | string, Effect = 'Allow') => ({
  ...{ Effect, Principal, Action: 'secretsmanager:GetSecretValue', Resource: '*' },
});

await survey(built);

t.test('what is certainly wrong is found, and nothing that is only perhaps so', async (t) => {
  t.strictSame(shown(await findings()), [
    ['demo/report', 'outside-reader'],
    ['billing/exports', 'outside-reader'],
    ['billing/exports', 'unusable-share'],
    ['shop/mail', 'outside-reader'],
    ['shop/orders', 'outside-reader'],
    ['shop/ledger', 'outside-reader'],
    ['shop/orders', 'outside-reader'],
  ]);
  t.strictSame(await findings('?severity=critical'), []);
});

t.test('findings open and close by themselves, and keep their time meanwhile', async (t) => {
  aws.directory.createRole({ arn: 'arn:aws:iam::222222222222:role/gone', policies: [] });
  const gone = { AWS: 'arn:aws:iam::222222222222:role/gone' };
  put('demo/api-key', lets('*'));
  put('demo/default-key', lets({ AWS: APP_ROLE }));
  put('demo/database', lets(gone), lets(gone, 'Deny'));
  aws.directory.deletePrincipal(gone.AWS);
  await survey(built, { account: '111111111111', region: 'us-east-1' });
  const opened = (await findings('?limit=1000')).filter(({ secret }) => /^demo\/(?!report)/.test(secret.name));
  t.strictSame(shown(opened), [
    ['demo/api-key', 'public'],
    ['demo/database', 'lapsed-denial'],
    ['demo/database', 'orphan'],
    ['demo/default-key', 'outside-reader'],
    ['demo/default-key', 'unusable-share'],
  ]);
  t.strictSame(shown(await findings('?kind=public')), [['demo/api-key', 'public']]);
  t.strictSame(shown(await findings('?secret=demo/database&severity=high')), [['demo/database', 'lapsed-denial']]);
  const { json } = await call('GET', '/v1/estate/secrets?finding=unusable-share');
  t.match(json.items, [
    { name: 'billing/exports' },
    { name: 'demo/default-key', findings: ['outside-reader', 'unusable-share'] },
  ]);
  t.match((await call('GET', '/metrics')).body, /secret_access_findings\{kind="public",severity="critical"\} 1/);

  await survey(built, { secretId: 'demo/default-key' });
  t.strictSame(
    (await findings('?secret=demo/default-key')).map(({ since }) => since),
    opened.slice(3).map(({ since }) => since),
  );
  put('demo/api-key', lets({ AWS: 'arn:aws:iam::333333333333:root' }));
  await survey(built, { secretId: 'demo/api-key' });
  t.strictSame(await findings('?kind=public'), []);
  t.match((await call('GET', '/metrics')).body, /secret_access_findings\{kind="public",severity="critical"\} 0/);
});

t.test('pages hold each finding once', async (t) => {
  const all = shown(await findings('?limit=1000'));
  const paged: unknown[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { json } = await call('GET', `/v1/findings?limit=2${cursor && `&cursor=${cursor}`}`);
    paged.push(...shown(json.items));
    cursor = json.nextCursor;
  }
  t.strictSame(paged, all);
});

const FAR = '2099-01-01T00:00:00Z';
type Listed = { id: string; etag: string; status: string; acknowledged: object | null };
const listed = async (query: string): Promise<Listed[]> => (await call('GET', `/v1/findings${query}`)).json.items;
const acknowledge = (id: string, body: object) => call('POST', `/v1/findings/${id}/acknowledge`, body);
const counted = async (metric: string): Promise<number> => {
  const { body } = await call('GET', '/metrics');
  return Number(new RegExp(`^${metric}\\{kind="outside-reader",severity="medium"\\} (\\d+)$`, 'm').exec(body)?.[1]);
};

t.test('somebody says that one may stay until a date: it counts apart, until another comes to it', async (t) => {
  const of = '?secret=demo/default-key&kind=outside-reader';
  const before = await counted('secret_access_findings');
  const [finding] = await listed(of);
  const id = String(finding?.id);
  t.match(finding, { status: 'open', acknowledged: null });
  const etag = String(finding?.etag);
  const said = { reason: 'A partner', until: FAR, ticket: 'OPS-1' };
  t.match(await acknowledge(id, { ...said, etag: '"x"' }), { status: 412, json: { code: 'finding-changed', etag } });
  const { status, json } = await acknowledge(id, { ...said, etag });
  t.match([status, json], [200, { id, status: 'acknowledged' }]);
  t.match(json.acknowledged, { by: 'anonymous', reason: 'A partner', until: '2099-01-01T00:00:00.000Z' });
  t.match(await listed(of), [json]);
  t.match(await listed(`${of}&status=acknowledged`), [{ id }]);
  t.strictSame(await listed(`${of}&status=open`), []);
  t.equal(await counted('secret_access_findings'), before - 1);
  t.equal(await counted('secret_access_findings_acknowledged'), 1);
  const [event] = (await call('GET', '/v1/audit-events?action=acknowledgeFinding')).json.items;
  t.match(event, {
    secret: { name: 'demo/default-key' },
    reason: 'A partner',
    ticket: 'OPS-1',
    request: { finding: id },
  });

  const SecretId = 'demo/default-key';
  put(SecretId, lets({ AWS: APP_ROLE }), lets({ AWS: MARY }));
  await survey(built, { secretId: SecretId });
  t.match(await listed(`${of}&status=open`), [{ id, acknowledged: null }], 'that was not said of somebody else');
  t.match(await acknowledge(id, { ...said, etag }), { status: 412 }, 'nor can it be, unseen');
  t.match(
    await acknowledge(id, said),
    { status: 200, json: { id, status: 'acknowledged' } },
    'of now, without its etag',
  );
  put(SecretId, lets({ AWS: APP_ROLE }));
  await survey(built, { secretId: SecretId });
  t.match(await listed(`${of}&status=open`), [{ id }]);
  t.match(await acknowledge(id, { ...said, etag }), { status: 200 });
});

t.test('what is over, was never there, or has no reason is not acknowledged', async (t) => {
  const [finding] = await listed('');
  const id = String(finding?.id);
  const etag = String(finding?.etag);
  const past = await acknowledge(id, { etag, reason: 'x', until: '2020-01-01T00:00:00Z' });
  t.match(past, { status: 400, json: { errors: [{ path: '/until' }] } });
  t.match(await acknowledge(id, { etag, until: FAR }), { status: 400 });
  for (const other of ['f'.repeat(24), 'nothing'])
    t.match(await acknowledge(other, { etag, reason: 'x', until: FAR }), {
      status: 404,
      json: { code: 'finding-not-found' },
    });
});

t.test('what opens and closes is on record, once each', async (t) => {
  const of = async (action: string) =>
    (await call('GET', `/v1/audit-events?action=${action}&secret=demo/api-key`)).json.items.map(
      ({ request, actor }: { request: { kind: string }; actor: { method: string } }) => [request.kind, actor.method],
    );
  t.strictSame(await of('openFinding'), [
    ['unusable-share', 'system'],
    ['public', 'system'],
  ]);
  t.strictSame(await of('closeFinding'), [['public', 'system']]);
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'DeleteSecret', {
    SecretId: 'demo/api-key',
    ForceDeleteWithoutRecovery: true,
  });
  await survey(built, { account: '111111111111', region: 'us-east-1' });
  t.strictSame(await of('closeFinding'), [
    ['unusable-share', 'system'],
    ['public', 'system'],
  ]);
  const { json } = await call('GET', '/v1/audit-events?action=openFinding&view=changes&secret=demo/api-key');
  t.match(json.items[1], { summary: 'Found: open to everybody (The policy lets everybody read)' });
});

const CHANGE = 'secretsmanager:PutResourcePolicy';
const SERVICE = 'arn:aws:iam::111111111111:role/secret-access-service';
const own = (name: string, Tags: object[] = []) => {
  const made = aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'CreateSecret', {
    ...{ Name: name, SecretString: 'x', KmsKeyId: 'alias/private', Tags },
  });
  return String(made['ARN']);
};
const kindsOf = async (secretId: string): Promise<string[]> => {
  await survey(built, { secretId });
  // Their key lets nobody of other accounts in.
  const found = await findings(`?secret=${encodeURIComponent(secretId)}`);
  return found.map(({ kind }) => kind).filter((kind) => kind !== 'unusable-share');
};
const recorded = async (action: string, secret: string, kind: string): Promise<number> => {
  const { json } = await call('GET', `/v1/audit-events?action=${action}&secret=${secret}`);
  return json.items.filter(({ request }: { request: { kind: string } }) => request.kind === kind).length;
};
const OPEN = (kind: string) => `?kind=${kind}`;

t.test('who of outside may change a policy is found, and nobody who only perhaps may', async (t) => {
  const arn = own('kinds/writer');
  const may = (Principal: object | string, Condition: object = {}) => ({
    ...{ Effect: 'Allow', Principal, Action: CHANGE, Resource: '*', Condition },
  });
  put(arn, may({ AWS: '333333333333' }), may({ AWS: MARY }, { StringEquals: { 'aws:PrincipalTag/x': 'y' } }));
  t.strictSame(await kindsOf(arn), []);
  put(arn, may({ AWS: MARY }));
  t.strictSame(await kindsOf(arn), ['outside-writer']);
  t.match(await findings(OPEN('outside-writer')), [{ severity: 'high', detail: new RegExp(MARY) }]);
  put(arn, may({ AWS: MARY }), { ...may('*'), Effect: 'Deny', Condition: { ArnEquals: { 'aws:PrincipalArn': MARY } } });
  t.strictSame(await kindsOf(arn), []);
});

t.test('what somebody else did to a policy of ours is drift, until it is put back or changed through us', async (t) => {
  const arn = own('kinds/drift');
  const path = `/v1/secrets/${encodeURIComponent(arn)}`;
  await call('POST', `${path}/shares`, { principal: '333333333333' });
  t.strictSame(await kindsOf(arn), []);
  put(arn, lets({ AWS: 'arn:aws:iam::444444444444:root' }));
  t.strictSame(await kindsOf(arn), ['drift']);
  const [{ mend, detail } = { mend: { path: '' }, detail: '' }] = (await call('GET', `/v1/findings${OPEN('drift')}`))
    .json.items;
  t.match(detail, /: 2 of our entries are missing|: 1 of our entries is missing/);
  t.equal(mend.path, `${path}/policy/restore-drift`);
  const { etag } = (await call('GET', `${path}/policy`)).json;
  t.equal((await call('POST', mend.path, {}, { 'if-match': etag })).status, 200);
  t.strictSame(await kindsOf(arn), []);
  t.strictSame(await findings(OPEN('drift')), []);
});

t.test('what our own changes replaced is no drift, however late it is seen', async (t) => {
  const arn = own('kinds/late');
  const { json } = await call('POST', `/v1/secrets/${encodeURIComponent(arn)}/shares`, { principal: '333333333333' });
  // Another replica goes on, before this one brings its change into the index.
  const ours = policyHash(json.policy);
  const secret = { arn, name: 'kinds/late', account: '111111111111', region: 'us-east-1' };
  const next = (beforeHash: string, afterHash: string) =>
    outcome({ changeId: afterHash, secret, policy: { before: null, after: null, beforeHash, afterHash } });
  await built.app.services.journal.append([next(ours, 'second'), next('second', 'third')]);
  t.strictSame(await findings(OPEN('drift')), []);
  t.strictSame(await kindsOf(arn), [], 'AWS may show it for a minute more');
  put(arn, lets({ AWS: 'arn:aws:iam::444444444444:root' }));
  t.strictSame(await kindsOf(arn), ['drift']);
});

t.test('a policy that locks this service out is found, whether or not it can still read it', async (t) => {
  const arn = own('kinds/locked');
  const deny = (Action: string) => ({ Effect: 'Deny', Principal: { AWS: SERVICE }, Action, Resource: '*' });
  put(arn, deny(CHANGE));
  t.strictSame(await kindsOf(arn), ['locked-out']);
  put(arn, lets({ AWS: '333333333333' }));
  t.strictSame(await kindsOf(arn), []);
  put(arn, deny('secretsmanager:GetResourcePolicy'));
  await survey(built, { account: '111111111111', region: 'us-east-1' });
  t.match(await findings(OPEN('locked-out')), [
    { secret: { name: 'kinds/locked' }, severity: 'high', detail: /GetResourcePolicy/ },
  ]);
  const { json } = await call('GET', '/v1/estate/secrets?finding=locked-out');
  t.match(json.items, [{ name: 'kinds/locked', exposure: 'inside', problem: { code: 'aws-access-denied' } }]);
  put(arn, lets({ AWS: '333333333333' }));
  t.strictSame(await kindsOf(arn), []);
  put(arn, deny('secretsmanager:GetResourcePolicy'));
  t.match(await findings('?kind=locked-out&secret=kinds/locked&fresh=true'), [{ secret: { name: 'kinds/locked' } }]);
  put(arn, lets({ AWS: '333333333333' }));
  t.strictSame(await findings('?kind=locked-out&secret=kinds/locked&fresh=true'), []);
  t.equal(await recorded('openFinding', 'kinds/locked', 'locked-out'), 3);
  t.equal(await recorded('closeFinding', 'kinds/locked', 'locked-out'), 3);
});

t.test('a Deny by network that spares no role of the rotation function is found', async (t) => {
  const arn = own('kinds/rotates');
  const role = 'arn:aws:iam::111111111111:role/rotator';
  const RotationLambdaARN = 'arn:aws:lambda:us-east-1:111111111111:function:rotate';
  aws.directory.createRole({ arn: role, policies: [] });
  aws.directory.createFunction(RotationLambdaARN, role);
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'RotateSecret', {
    ...{ SecretId: arn, RotationLambdaARN, RotateImmediately: false, RotationRules: { AutomaticallyAfterDays: 30 } },
  });
  const denies = (spared: object) => ({
    ...{ Effect: 'Deny', Principal: '*', Action: 'secretsmanager:GetSecretValue', Resource: '*' },
    Condition: {
      StringNotEquals: { 'aws:SourceVpce': 'vpce-0123456789abcdef0' },
      BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
      ...spared,
    },
  });
  put(arn, denies({}));
  t.strictSame(await kindsOf(arn), ['rotation-shut-out']);
  put(arn, denies({ ArnNotEquals: { 'aws:PrincipalArn': MARY } }));
  t.strictSame(await kindsOf(arn), ['rotation-shut-out']);
  put(arn, denies({ ArnNotEquals: { 'aws:PrincipalArn': role } }));
  t.strictSame(await kindsOf(arn), []);
  put(arn, denies({ StringNotEqualsIfExists: { 'aws:PrincipalTag/spared': 'yes' } }));
  t.strictSame(await kindsOf(arn), [], 'its role may have that tag');
});

t.test('with fresh=true AWS is asked about one secret first', async (t) => {
  const arn = own('kinds/fresh');
  const of = `secret=${encodeURIComponent(arn)}&fresh=true`;
  put(arn, lets('*'));
  const now = Date.now();
  const [seen] = (await call('GET', `/v1/estate/secrets?${of}`)).json.items;
  t.match(seen, { arn, exposure: 'public', findings: ['public'] });
  t.ok(Date.parse(seen.asOf) >= now);
  put(arn, lets({ AWS: '333333333333' }));
  const stale = (await call('GET', `/v1/findings?secret=${encodeURIComponent(arn)}`)).json.items;
  t.match(stale, [{ kind: 'public' }], 'what was last seen');
  t.notMatch(await findings(`?${of}`), [{ kind: 'public' }]);
  put('kinds/fresh', lets('*', 'Deny'), lets('*'));
  const named = await call('GET', '/v1/estate/secrets?secret=kinds/fresh&fresh=true');
  t.match(named.json.items, [{ arn, exposure: 'none', denials: 1 }]);
  put(arn, lets({ AWS: APP_ROLE }));
  const { json } = await call('GET', `/v1/principals/${encodeURIComponent(APP_ROLE)}/secrets?${of}`);
  t.match(json.items, [{ secret: { arn }, decision: 'allowed', via: ['itself'] }]);

  t.match(await findings('?secret=shop/mail'), [{ secret: { name: 'shop/mail' } }]);
  t.strictSame(await findings('?secret=shop/mail&fresh=true'), [], 'a name is of the service’s own account');
  t.match(await call('GET', '/v1/findings?fresh=true'), { status: 400, json: { errors: [{ path: '/fresh' }] } });
  const strange = encodeURIComponent('arn:aws:secretsmanager:us-east-1:999999999999:secret:x-AbCdEf');
  t.match(await call('GET', `/v1/estate/secrets?secret=${strange}&fresh=true`), { status: 400 }, 'not of the estate');
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'DeleteSecret', {
    ...{ SecretId: arn, ForceDeleteWithoutRecovery: true },
  });
  t.match((await call('GET', `/v1/estate/secrets?${of}`)).json, { items: [] }, 'it is gone');
  t.equal(await recorded('closeFinding', 'kinds/fresh', 'outside-reader'), 1);
});
