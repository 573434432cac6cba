import t from 'tap';
import { MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';
import { ABROAD, countedSecret, HOME, keyedSecrets, keyLegs, legOf, MARYS_POLICY } from './keyed-secret.ts';

const READ = 'secretsmanager:GetSecretValue';
const newSecret = await keyedSecrets(t);

t.test('each replica has a key leg of its own, and its statements open it', async (t) => {
  const secret = await newSecret();
  const key = await secret.createKey(ABROAD);
  await secret.replicate(key);
  const { json } = await secret.share();
  matchList(t, keyLegs(json.legs), [
    { region: HOME, status: 'missing', account: '111111111111' },
    { region: ABROAD, status: 'missing', account: '111111111111' },
  ]);
  t.equal(await secret.maryReads(ABROAD), 'AccessDeniedException');

  const statement = legOf(json.legs, ABROAD)?.statement;
  t.match(statement?.Condition, {
    StringEquals: {
      'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com',
      'kms:EncryptionContext:SecretARN': secret.inRegion(ABROAD),
    },
  });
  await secret.putKeyPolicy([statement ?? {}], key, ABROAD);
  t.equal(await secret.maryReads(ABROAD), 'done');
  t.equal(await secret.maryReads(HOME), 'AccessDeniedException', 'the key at home is another one');
});

t.test('the identity statement names the replicas and their keys, and is enough in both Regions', async (t) => {
  const secret = await newSecret();
  const key = await secret.createKey(ABROAD);
  await secret.replicate(key);
  const { json } = await secret.share({ grantKey: true });
  const { statement } = json.legs.at(-1);
  t.same(statement.Resource, [secret.arn, secret.inRegion(ABROAD), secret.KeyId, key]);
  t.same(statement.Action, ['secretsmanager:DescribeSecret', READ, 'kms:Decrypt']);
  t.teardown(() => secret.aws.directory.setIdentityPolicies(MARY, [MARYS_POLICY]));
  secret.aws.directory.setIdentityPolicies(MARY, [{ Version: '2012-10-17', Statement: [statement] }]);
  t.equal(await secret.maryReads(HOME), 'done');
  t.equal(await secret.maryReads(ABROAD), 'done');
  const told = [{ Version: '2012-10-17', Statement: [statement] }];
  t.match((await secret.legsOf(READ, told)).at(-1), { leg: 'identityPolicy', status: 'done' });
  const homeOnly = [{ Statement: [{ ...statement, Resource: [secret.arn, secret.KeyId] }] }];
  t.match((await secret.legsOf(READ, homeOnly)).at(-1), { status: 'missing', detail: /eu-west-1/ });
});

t.test('grantKey makes a grant in each Region, and a revocation takes each away', async (t) => {
  const secret = await newSecret();
  await secret.replicate(await secret.createKey(ABROAD));
  const { json } = await secret.share({ grantKey: true });
  matchList(t, keyLegs(json.legs), [
    { region: HOME, status: 'done' },
    { region: ABROAD, status: 'done' },
  ]);
  t.equal(await secret.maryReads(HOME), 'done');
  t.equal(await secret.maryReads(ABROAD), 'done');
  const events = async (action: string) =>
    (await secret.call('GET', `/v1/audit-events?action=${action}&secret=${encodeURIComponent(secret.arn)}`)).json.items;
  matchList(t, await events('createGrant'), [
    { phase: 'outcome', outcome: 'applied' },
    { phase: 'intent' },
    { phase: 'outcome', outcome: 'applied' },
    { phase: 'intent' },
  ]);

  const revoked = await secret.call('DELETE', `${secret.url}/shares/${json.share.id}`);
  t.same(revoked.json.warnings, []);
  t.equal((await events('revokeGrant')).length, 4);
  const again = await secret.share();
  t.match(keyLegs(again.json.legs), [{ status: 'missing' }, { status: 'missing' }]);
  t.equal(await secret.maryReads(ABROAD), 'AccessDeniedException');
});

t.test('a replica under the AWS managed key never decrypts for another account, which is said', async (t) => {
  const secret = await newSecret();
  await secret.replicate();
  const { json } = await secret.share({ grantKey: true });
  matchList(t, keyLegs(json.legs), [
    { region: HOME, status: 'done' },
    { region: ABROAD, status: 'missing', detail: /AWS managed key.*replicate/ },
  ]);
  t.match(json.warnings, [
    { code: 'kms-key-not-shareable', message: /eu-west-1/ },
    { code: 'key-grant-failed', message: /eu-west-1.*AWS managed key/ },
    { code: 'grant-propagating', message: /us-east-1/ },
  ]);
  t.equal(await secret.maryReads(HOME), 'done');
  t.equal(await secret.maryReads(ABROAD), 'InvalidRequestException');
});

t.test(
  'of the secret’s own account, everybody who may read decrypts under the AWS managed key of a replica',
  async (t) => {
    const secret = await newSecret();
    await secret.replicate();
    const { json } = await secret.share({ principal: 'arn:aws:iam::111111111111:user/owner' });
    t.match(legOf(json.legs, ABROAD), { status: 'notNeeded' });
    t.same(json.warnings, []);
  },
);

t.test('a replica is never written to: a share that only writes needs its key at home', async (t) => {
  const secret = await newSecret();
  await secret.replicate(await secret.createKey(ABROAD));
  const { json } = await secret.share({ actions: ['secretsmanager:PutSecretValue'] });
  matchList(t, keyLegs(json.legs), [
    { region: HOME, status: 'missing' },
    { region: ABROAD, status: 'notNeeded' },
  ]);
  t.same(json.legs.at(-1).statement.Resource, [secret.arn, secret.KeyId]);
});

t.test('a replica that failed is no replica that can be read', async (t) => {
  const secret = await newSecret();
  await secret.replicate('alias/nowhere');
  await secret.share();
  const leg = legOf(await secret.legsOf(READ), ABROAD);
  t.match(leg, { status: 'unknown', detail: /not in sync \(Failed.*not found/ });
  t.not(await secret.maryReads(ABROAD), 'done');
});

t.test('what is asked of a replica is judged by its own key alone', async (t) => {
  const secret = await newSecret();
  const key = await secret.createKey(ABROAD);
  await secret.replicate(key);
  await secret.grant({ KeyId: key }, ABROAD);
  await secret.share();
  const url = `/v1/secrets/${encodeURIComponent(secret.inRegion(ABROAD))}`;
  const question = { principal: MARY, identityPolicies: [MARYS_POLICY] };
  const check = await secret.call('POST', `${url}/access-checks`, question);
  matchList(t, keyLegs(check.json.legs), [{ region: ABROAD, status: 'done' }]);
  t.equal(await secret.maryReads(ABROAD), 'done');
});

t.test('a dry run says in which Regions grants would be made', async (t) => {
  const secret = await newSecret();
  await secret.replicate(await secret.createKey(ABROAD));
  const { json } = await secret.share({ grantKey: true }, '?dryRun=true');
  matchList(t, json.warnings, [
    { code: 'key-grant-planned', message: /us-east-1/ },
    { code: 'key-grant-planned', message: /eu-west-1/ },
    { code: 'grant-propagating' },
  ]);
});

t.test('a dry run says where no grant would help', async (t) => {
  const secret = await newSecret();
  await secret.replicate();
  const { json } = await secret.share({ grantKey: true }, '?dryRun=true');
  matchList(t, json.warnings, [
    { code: 'kms-key-not-shareable', message: /eu-west-1/ },
    { code: 'key-grant-planned', message: /us-east-1/ },
    { code: 'key-grant-failed', message: /^No KMS grant would be made in eu-west-1.*AWS managed key/ },
    { code: 'grant-propagating' },
  ]);
});

t.test('keys are looked at once for all readers, three calls a Region', async (t) => {
  const { secret, proxy } = await countedSecret(t);
  await secret.replicate(await secret.createKey(ABROAD));
  for (const principal of [MARY, '222222222222', '444444444444']) {
    t.equal((await secret.call('POST', `${secret.url}/shares`, { principal })).status, 201);
  }
  proxy.clear();
  const { json } = await secret.call('GET', `${secret.url}/readers`);
  t.equal(json.items.length, 3);
  t.same(
    json.items.map(({ legs }: { legs: [] }) => keyLegs(legs).length),
    [2, 2, 2],
  );
  const calls = ['DescribeKey', 'GetKeyPolicy', 'ListGrants'].map((name) => proxy.calls(name));
  t.ok(
    calls.every((count) => count <= 2),
    `${calls}`,
  );
});

t.test('GET …/secrets/{secretId} shows the keys of the replicas', async (t) => {
  const secret = await newSecret();
  const key = await secret.createKey(ABROAD);
  await secret.replicate(key);
  await secret.replicate(undefined, 'eu-central-1');
  const { json } = await secret.call('GET', secret.url);
  t.same(json.replicaRegions, [ABROAD, 'eu-central-1']);
  t.same(json.replicas, [
    { region: ABROAD, kmsKeyId: key, status: 'InSync', statusMessage: null },
    { region: 'eu-central-1', kmsKeyId: null, status: 'InSync', statusMessage: null },
  ]);
});
