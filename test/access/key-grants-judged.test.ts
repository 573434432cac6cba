import type { CreateGrantCommandInput } from '@aws-sdk/client-kms';
import t from 'tap';
import { MARY } from '../helper.ts';
import { keyedSecrets, keyLegs, legOf, VERSION } from './keyed-secret.ts';

const READ = 'secretsmanager:GetSecretValue';
const WRITE = 'secretsmanager:PutSecretValue';

const newSecret = await keyedSecrets(t);

type Grant = (secretArn: string) => Partial<CreateGrantCommandInput>;
const bySubset =
  (more: Record<string, string>): Grant =>
  () => ({ Constraints: { EncryptionContextSubset: more } });
const byEquals =
  (more: Record<string, string>): Grant =>
  (SecretARN) => ({
    Constraints: { EncryptionContextEquals: { SecretARN, ...more } },
  });

/** What the leg must say of reading, and what then happens to who reads. */
const GRANTS: [name: string, grant: Grant, status: string, reads: boolean][] = [
  ['without constraints', () => ({}), 'done', true],
  ['for this secret', (SecretARN) => ({ Constraints: { EncryptionContextSubset: { SecretARN } } }), 'done', true],
  ['for another secret', (arn) => bySubset({ SecretARN: `${arn}x` })(arn), 'missing', false],
  ['for the key’s name in another case', (secretarn) => bySubset({ secretarn })(secretarn), 'done', true],
  ['for the ARN in another case', (arn) => bySubset({ SecretARN: arn.toUpperCase() })(arn), 'missing', false],
  ['for a volume', bySubset({ 'aws:ebs:id': 'vol-1' }), 'missing', false],
  [
    'for this secret and a volume',
    (SecretARN) => bySubset({ SecretARN, 'aws:ebs:id': 'vol-1' })(SecretARN),
    'missing',
    false,
  ],
  ['for exactly the ARN, which is not the whole context', byEquals({}), 'missing', false],
  ['for exactly one version', byEquals({ SecretVersionId: VERSION }), 'unknown', true],
  ['for exactly another version', byEquals({ SecretVersionId: VERSION.replace('1', '2') }), 'unknown', false],
  ['for exactly one version and more', byEquals({ SecretVersionId: VERSION, x: 'y' }), 'missing', false],
  ['for one version', bySubset({ SecretVersionId: VERSION }), 'unknown', true],
  ['for a source', (SourceArn) => ({ Constraints: { SourceArn } }), 'missing', false],
  [
    'for a service',
    (SourceArn) => ({
      GranteePrincipal: undefined,
      GranteeServicePrincipal: 'secretsmanager.amazonaws.com',
      RetiringServicePrincipal: 'secretsmanager.amazonaws.com',
      Constraints: { SourceArn },
    }),
    'missing',
    false,
  ],
  [
    'that she may retire only',
    () => ({ GranteePrincipal: 'arn:aws:iam::222222222222:role/app', RetiringPrincipal: MARY }),
    'missing',
    false,
  ],
  ['of another operation', () => ({ Operations: ['Encrypt', 'GenerateDataKey'] }), 'missing', false],
  ['of her account', () => ({ GranteePrincipal: 'arn:aws:iam::123456789999:root' }), 'done', true],
  ['of another account', () => ({ GranteePrincipal: 'arn:aws:iam::222222222222:root' }), 'missing', false],
];

for (const [name, grant, status, reads] of GRANTS) {
  t.test(`a grant ${name}: the key leg is ${status}`, async (t) => {
    const secret = await newSecret();
    await secret.grant(grant(secret.arn));
    await secret.share();
    t.match(legOf(await secret.legsOf(READ)), { status });
    t.equal(await secret.maryReads(), reads ? 'done' : 'AccessDeniedException');
  });
}

t.test('a leg that hangs on the version says so, and prints the statement that does not', async (t) => {
  const secret = await newSecret();
  await secret.grant(bySubset({ SecretVersionId: VERSION })(secret.arn));
  await secret.share();
  const leg = legOf(await secret.legsOf(READ));
  t.match(leg?.detail, /SecretVersionId.*one version/);
  await secret.putKeyPolicy([leg?.statement ?? {}]);
  t.equal(await secret.maryReads(), 'done');
});

const RIGHTS: [operations: string[], reading: string, writing: string, writes: boolean][] = [
  [['Decrypt', 'DescribeKey'], 'done', 'missing', false],
  [['GenerateDataKey'], 'missing', 'unknown', true],
  [['Decrypt', 'GenerateDataKey'], 'done', 'done', true],
];

for (const [Operations, reading, writing, writes] of RIGHTS) {
  t.test(`with ${Operations.join(' and ')}, the key leg of reading is ${reading}, of writing ${writing}`, async (t) => {
    const secret = await newSecret();
    await secret.grant({ Operations: Operations as CreateGrantCommandInput['Operations'] });
    await secret.share({ actions: [READ, WRITE] });
    t.match(legOf(await secret.legsOf(READ)), { status: reading });
    const leg = legOf(await secret.legsOf(WRITE));
    t.match(leg, { status: writing });
    t.equal(await secret.maryReads(), reading === 'done' ? 'done' : 'AccessDeniedException');
    t.equal(await secret.maryWrites(), writes ? 'done' : 'AccessDeniedException');
    if (writing === 'done') return;
    t.same(leg?.statement?.Action, ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey']);
    await secret.putKeyPolicy([leg?.statement ?? {}]);
    t.equal(await secret.maryWrites(), 'done', 'the statement is all that was missing');
  });
}

t.test('a share that writes: legs, statements and grant are for both uses of the key', async (t) => {
  const secret = await newSecret();
  const plain = (await secret.share({ actions: [READ, WRITE] })).json;
  t.match(legOf(plain.legs), { status: 'missing', detail: /decrypt and encrypt/ });
  const identity = plain.legs.at(-1);
  t.same(identity.statement.Action, [READ, WRITE, 'kms:Decrypt', 'kms:GenerateDataKey']);
  const granted = (await secret.share({ actions: [READ, WRITE], grantKey: true })).json;
  t.match(legOf(granted.legs), { status: 'done' });
  const [event] = (
    await secret.call('GET', `/v1/audit-events?action=createGrant&secret=${encodeURIComponent(secret.arn)}`)
  ).json.items;
  t.same(event.request.operations, ['Decrypt', 'GenerateDataKey', 'DescribeKey']);
  t.equal(await secret.maryReads(), 'done');
  t.equal(await secret.maryWrites(), 'done');
});

t.test('identity policies must allow both uses too', async (t) => {
  const secret = await newSecret();
  await secret.share({ actions: [READ, WRITE], grantKey: true });
  const policy = (...Action: string[]) => ({ Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
  const status = async (action: string, ...actions: string[]) =>
    (await secret.legsOf(action, [policy(...actions)])).at(-1)?.status;
  t.equal(await status(READ, READ, 'kms:Decrypt'), 'done');
  t.equal(await status(WRITE, WRITE, 'kms:Decrypt'), 'missing');
  t.equal(await status(WRITE, WRITE, 'kms:GenerateDataKey'), 'unknown');
  t.equal(await status(WRITE, WRITE, 'kms:Decrypt', 'kms:GenerateDataKey'), 'done');
});

t.test('where the key’s policy denies the reader, no statement is printed, and no grant is made', async (t) => {
  const secret = await newSecret();
  const Deny = { Effect: 'Deny', Principal: { AWS: MARY }, Action: 'kms:Decrypt', Resource: '*' };
  await secret.putKeyPolicy([{ Sid: 'NoMary', ...Deny }]);
  const { json } = await secret.share({ grantKey: true });
  t.match(legOf(json.legs), { status: 'missing', detail: /NoMary.*denies/ });
  t.notOk(legOf(json.legs)?.statement);
  t.match(json.warnings, [{ code: 'key-grant-failed', message: /NoMary/ }]);
  t.same(
    (await secret.call('GET', `/v1/audit-events?action=createGrant&secret=${encodeURIComponent(secret.arn)}`)).json
      .items,
    [],
  );
  t.equal(await secret.maryReads(), 'AccessDeniedException');
});

const POLICIES: [name: string, condition: object, status: string, reads: boolean][] = [
  [
    'a part of the context that Secrets Manager never sends',
    { StringEquals: { 'kms:EncryptionContext:x': 'y' } },
    'missing',
    false,
  ],
  [
    'the names in the context',
    { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['SecretARN', 'SecretVersionId'] } },
    'done',
    true,
  ],
  [
    'fewer names in the context',
    { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['SecretARN'] } },
    'missing',
    false,
  ],
  ['a source account', { StringEquals: { 'aws:SourceAccount': '111111111111' } }, 'missing', false],
  ['the way through a service', { Bool: { 'aws:ViaAWSService': 'true' } }, 'done', true],
  ['an organization', { StringEquals: { 'aws:PrincipalOrgID': 'o-local00001' } }, 'unknown', true],
];

for (const [name, Condition, status, reads] of POLICIES) {
  t.test(`a key policy that asks for ${name}: the key leg is ${status}`, async (t) => {
    const secret = await newSecret();
    await secret.putKeyPolicy([
      { Effect: 'Allow', Principal: { AWS: MARY }, Action: 'kms:Decrypt', Resource: '*', Condition },
    ]);
    await secret.share();
    t.match(legOf(await secret.legsOf(READ)), { status });
    t.equal(await secret.maryReads(), reads ? 'done' : 'AccessDeniedException');
  });
}

t.test('a grant is advised where KMS would make one', async (t) => {
  const { share } = await newSecret();
  const keyOf = async (whom: object) => keyLegs((await share(whom, '?dryRun=true')).json.legs)[0];
  const detail = 'The key does not let the reader decrypt. Add this statement to the key’s policy';
  t.match(await keyOf({}), { status: 'missing', detail: `${detail}, or repeat the share with grantKey: true.` });
  const ofSet = await keyOf({ principal: undefined, permissionSet: { name: 'Ops', account: '222222222222' } });
  t.match(ofSet, { status: 'missing', detail: `${detail}.` });
});
