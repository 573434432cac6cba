import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  ListGrantsCommand,
  ListRetirableGrantsCommand,
  RetireGrantCommand,
} from '@aws-sdk/client-kms';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import t, { type Test } from 'tap';
import { allowMary, MARY, policyOf, start } from './start.ts';

const KEY_DENIED = { name: 'AccessDeniedException', message: 'Access to KMS is not allowed' };
const VERSION = '00000000-0000-4000-8000-000000000001';

/** A secret that Mary may use as far as its policy goes, under a key that nobody but its owner may use. */
async function ungranted(t: Test) {
  const aws = await start(t);
  const [owner, mary, keys] = [
    aws.secretsManager('LOCALOWNER'),
    aws.secretsManager('LOCALMARY'),
    aws.kms('LOCALOWNER'),
  ];
  const { KeyMetadata } = await keys.send(new DescribeKeyCommand({ KeyId: 'alias/private' }));
  const KeyId = KeyMetadata?.Arn ?? '';
  const secret = { Name: 'team/granted', KmsKeyId: KeyId, SecretString: 'value', ClientRequestToken: VERSION };
  const { ARN: SecretId = '' } = await owner.send(new CreateSecretCommand(secret));
  await owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(allowMary) }));
  const grant = (input: Partial<CreateGrantCommandInput>) =>
    keys.send(new CreateGrantCommand({ KeyId, GranteePrincipal: MARY, Operations: ['Decrypt'], ...input }));
  const read = () => mary.send(new GetSecretValueCommand({ SecretId }));
  return { ...aws, owner, mary, keys, KeyId, SecretId, grant, read };
}

type Constraints = NonNullable<CreateGrantCommandInput['Constraints']>;

const CONSTRAINTS: [name: string, (secretArn: string) => Constraints, reads: boolean][] = [
  ['none', () => ({}), true],
  ['the secret', (SecretARN) => ({ EncryptionContextSubset: { SecretARN } }), true],
  ['the version', () => ({ EncryptionContextSubset: { SecretVersionId: VERSION } }), true],
  ['another version', () => ({ EncryptionContextSubset: { SecretVersionId: VERSION.replace('1', '2') } }), false],
  ['a key in another case', (secretarn) => ({ EncryptionContextSubset: { secretarn } }), true],
  ['a value in another case', (arn) => ({ EncryptionContextSubset: { SecretARN: arn.toUpperCase() } }), false],
  [
    'the secret and a key that Secrets Manager never sends',
    (SecretARN) => ({ EncryptionContextSubset: { SecretARN, 'aws:ebs:id': 'vol-1' } }),
    false,
  ],
  [
    'exactly the whole context',
    (SecretARN) => ({ EncryptionContextEquals: { SecretARN, SecretVersionId: VERSION } }),
    true,
  ],
  [
    'exactly the whole context, keys in another case',
    (SECRETARN) => ({ EncryptionContextEquals: { SECRETARN, secretversionid: VERSION } }),
    true,
  ],
  ['exactly a part of the context', (SecretARN) => ({ EncryptionContextEquals: { SecretARN } }), false],
  ['a source that Secrets Manager does not name', (SourceArn) => ({ SourceArn }), false],
];

for (const [name, constraints, reads] of CONSTRAINTS) {
  t.test(`a grant constrained to ${name} ${reads ? 'decrypts' : 'does not decrypt'}`, async (t) => {
    const { SecretId, grant, read } = await ungranted(t);
    await grant({ Constraints: constraints(SecretId) });
    await (reads ? t.resolves(read()) : t.rejects(read(), KEY_DENIED));
  });
}

t.test('who writes a value needs GenerateDataKey, and no Decrypt', async (t) => {
  const { SecretId, grant, mary } = await ungranted(t);
  const put = () => mary.send(new PutSecretValueCommand({ SecretId, SecretString: 'new' }));
  await grant({ Operations: ['Decrypt', 'DescribeKey'] });
  await t.rejects(put(), KEY_DENIED);
  await t.rejects(mary.send(new UpdateSecretCommand({ SecretId, SecretString: 'new' })), KEY_DENIED);
  await t.resolves(mary.send(new UpdateSecretCommand({ SecretId, Description: 'new' })), 'no value, no key');
  await grant({ Operations: ['GenerateDataKey'] });
  await t.resolves(put());
  await t.resolves(mary.send(new UpdateSecretCommand({ SecretId, SecretString: 'newer' })));
});

t.test(
  'a service as grantee is no principal of an account, and needs a source and somebody to retire the grant',
  async (t) => {
    const { SecretId, grant, read, keys, KeyId } = await ungranted(t);
    const service = { GranteePrincipal: undefined, GranteeServicePrincipal: 'secretsmanager.amazonaws.com' };
    const Constraints = { SourceArn: SecretId };
    await t.rejects(grant({ ...service, RetiringPrincipal: MARY }), { name: 'ValidationException' });
    await t.rejects(grant({ ...service, Constraints }), { name: 'ValidationException' });
    await t.rejects(grant({ GranteeServicePrincipal: 'secretsmanager.amazonaws.com' }), {
      name: 'ValidationException',
    });
    await grant({ ...service, Constraints, RetiringServicePrincipal: 'secretsmanager.amazonaws.com' });
    await t.rejects(read(), KEY_DENIED);
    const { Grants = [] } = await keys.send(new ListGrantsCommand({ KeyId }));
    t.match(Grants[0], { GranteeServicePrincipal: 'secretsmanager.amazonaws.com', Constraints });
    t.notOk(Grants[0]?.GranteePrincipal);
  },
);

t.test('DryRun of CreateGrant tells without granting', async (t) => {
  const { grant, keys, KeyId, kms } = await ungranted(t);
  await t.rejects(grant({ DryRun: true }), { name: 'DryRunOperationException', $metadata: { httpStatusCode: 412 } });
  await t.rejects(grant({ DryRun: true, GranteePrincipal: `${MARY}2` }), { name: 'InvalidArnException' });
  const input = { KeyId, GranteePrincipal: MARY, Operations: ['Decrypt' as const], DryRun: true };
  await t.rejects(kms('LOCALMARY').send(new CreateGrantCommand(input)), { name: 'AccessDeniedException' });
  t.same((await keys.send(new ListGrantsCommand({ KeyId }))).Grants, []);
});

t.test(
  'a grant is retired by its retiring principal, by a grantee that may, or by the account that made it',
  async (t) => {
    const { grant, keys, KeyId, kms, read } = await ungranted(t);
    const [mary, app] = [kms('LOCALMARY'), kms('LOCALAPP')];
    const denied = { name: 'AccessDeniedException' };
    const { GrantId, GrantToken } = await grant({ RetiringPrincipal: 'arn:aws:iam::222222222222:role/app' });
    await t.rejects(mary.send(new RetireGrantCommand({ KeyId, GrantId })), denied, 'its grantee, who may not');
    const listed = await app.send(
      new ListRetirableGrantsCommand({ RetiringPrincipal: 'arn:aws:iam::222222222222:role/app' }),
    );
    t.match(listed, { Truncated: false, Grants: [{ GrantId, KeyId, GranteePrincipal: MARY }] });
    await t.rejects(app.send(new RetireGrantCommand({ KeyId, GrantId, DryRun: true })), {
      name: 'DryRunOperationException',
    });
    await t.resolves(read());
    await app.send(new RetireGrantCommand({ GrantToken }));
    await t.rejects(read(), KEY_DENIED);
    await t.rejects(app.send(new RetireGrantCommand({ GrantToken })), { name: 'InvalidGrantTokenException' });

    const own = await grant({ Operations: ['Decrypt', 'RetireGrant'] });
    await t.resolves(mary.send(new RetireGrantCommand({ KeyId, GrantId: own.GrantId })));
    const made = await grant({});
    await t.resolves(keys.send(new RetireGrantCommand({ KeyId, GrantId: made.GrantId })));
  },
);

t.test('a grant made by force of a grant gives no more than that one', async (t) => {
  const { grant, kms, KeyId, SecretId } = await ungranted(t);
  const GranteePrincipal = 'arn:aws:iam::222222222222:role/app';
  const passOn = (input: Partial<CreateGrantCommandInput>) =>
    kms('LOCALMARY').send(new CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ['Decrypt'], ...input }));
  const Constraints = { EncryptionContextSubset: { SecretARN: SecretId } };
  await grant({ Operations: ['Decrypt', 'CreateGrant'], Constraints });
  await t.resolves(passOn({ Constraints }));
  await t.rejects(passOn({}), { name: 'AccessDeniedException' }, 'a looser constraint');
  await t.rejects(
    passOn({ Constraints, Operations: ['Encrypt'] }),
    { name: 'AccessDeniedException' },
    'another operation',
  );
});

t.test('a grant to a role with a path is one to its sessions, whose ARN has none', async (t) => {
  const { local, SecretId, owner, grant, secretsManager } = await ungranted(t);
  const role =
    'arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Ops_0123456789abcdef';
  const session = 'arn:aws:sts::222222222222:assumed-role/AWSReservedSSO_Ops_0123456789abcdef/local';
  const everything = {
    Version: '2012-10-17' as const,
    Statement: [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }],
  };
  local.directory.createRole({ arn: role, policies: [everything], accessKeyId: 'LOCALOPS' });
  const put = (...statements: object[]) =>
    owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(...statements) }));
  const read = () => secretsManager('LOCALOPS').send(new GetSecretValueCommand({ SecretId }));
  await put({ ...allowMary, Principal: { AWS: role } });
  await t.rejects(read(), KEY_DENIED);
  await grant({ GranteePrincipal: role });
  await t.resolves(read());
  await put({ ...allowMary, Principal: { AWS: session } });
  await t.resolves(read(), 'the session is named');
  await put(
    { ...allowMary, Principal: { AWS: '222222222222' } },
    { ...allowMary, Effect: 'Deny', Principal: { AWS: role } },
  );
  await t.rejects(read(), { message: /with an explicit deny in a resource-based policy/ });
});

t.test('a key that is disabled, or of another spec than the operation, is not granted', async (t) => {
  const { keys, grant, KeyId } = await ungranted(t);
  const { KeyMetadata } = await keys.send(
    new CreateKeyCommand({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }),
  );
  t.match(KeyMetadata, { KeySpec: 'HMAC_256', MacAlgorithms: ['HMAC_SHA_256'] });
  await t.rejects(grant({ KeyId: KeyMetadata?.KeyId ?? '' }), { name: 'ValidationException' });
  await keys.send(new DisableKeyCommand({ KeyId }));
  await t.rejects(grant({}), { name: 'DisabledException' });
});
