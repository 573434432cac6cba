import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  ListAliasesCommand,
  ListGrantsCommand,
  PutKeyPolicyCommand,
  RevokeGrantCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { allowMary, arnOf, MARY, policyOf, start } from './start.ts';

const KEY_DENIED = { name: 'AccessDeniedException', message: 'Access to KMS is not allowed' };

t.test('under the AWS managed key no share makes a secret readable from another account', async (t) => {
  const { local, secretsManager } = await start(t);
  const SecretId = arnOf(local, 'demo/default-key');
  const owner = secretsManager('LOCALOWNER');
  await owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(allowMary) }));
  const refused = {
    name: 'InvalidRequestException',
    message:
      "You can't access a secret from a different AWS account if you encrypt the secret with the default KMS service key.",
  };
  const mary = secretsManager('LOCALMARY');
  await t.rejects(mary.send(new GetSecretValueCommand({ SecretId })), refused);
  await t.rejects(mary.send(new PutSecretValueCommand({ SecretId, SecretString: 'new' })), refused);
  await t.resolves(mary.send(new DescribeSecretCommand({ SecretId })), 'what needs no key');
  await t.resolves(owner.send(new GetSecretValueCommand({ SecretId })), 'the owning account itself can');
});

t.test('a grant is the key leg of one secret', async (t) => {
  const { secretsManager, kms } = await start(t);
  const [owner, service] = [secretsManager('LOCALOWNER'), kms('LOCALSERVICE')];
  const mary = secretsManager('LOCALMARY');
  const { KeyMetadata } = await kms('LOCALOWNER').send(new DescribeKeyCommand({ KeyId: 'alias/private' }));
  const KeyId = KeyMetadata?.Arn ?? '';
  const create = async (Name: string) => {
    const secret = { Name, KmsKeyId: 'alias/private', SecretString: 'value' };
    const { ARN = '' } = await owner.send(new CreateSecretCommand(secret));
    await owner.send(new PutResourcePolicyCommand({ SecretId: ARN, ResourcePolicy: policyOf(allowMary) }));
    return ARN;
  };
  const [first, second] = [await create('team/first'), await create('team/second')];
  const read = (SecretId: string) => mary.send(new GetSecretValueCommand({ SecretId }));
  await t.rejects(read(first), KEY_DENIED, 'the secret policy alone');

  const grant = {
    KeyId,
    GranteePrincipal: MARY,
    Operations: ['Decrypt' as const, 'DescribeKey' as const],
    Constraints: { EncryptionContextSubset: { SecretARN: first } },
    Name: 'change-1',
  };
  const made = await service.send(new CreateGrantCommand(grant));
  t.match(await read(first), { SecretString: 'value' });
  await t.rejects(read(second), KEY_DENIED, 'another secret under the same key');
  await t.resolves(
    kms('LOCALMARY').send(new DescribeKeyCommand({ KeyId })),
    'DescribeKey is not bound by the constraint',
  );
  const again = await service.send(new CreateGrantCommand(grant));
  t.same(
    [again.GrantId, again.GrantToken],
    [made.GrantId, made.GrantToken],
    'the same name and parameters: the same grant',
  );
  const other = await service.send(new CreateGrantCommand({ ...grant, Operations: ['Decrypt'] }));
  t.not(other.GrantId, made.GrantId);
  const page = await service.send(new ListGrantsCommand({ KeyId, Limit: 1 }));
  t.match(page, { Truncated: true, NextMarker: String });
  const rest = await service.send(new ListGrantsCommand({ KeyId, Limit: 1, Marker: page.NextMarker }));
  t.equal(rest.Truncated, false);
  t.same(
    [...(page.Grants ?? []), ...(rest.Grants ?? [])].map(({ GrantId }) => GrantId).sort(),
    [made.GrantId, other.GrantId].sort(),
  );
  await service.send(new RevokeGrantCommand({ KeyId, GrantId: other.GrantId }));
  t.match((await service.send(new ListGrantsCommand({ KeyId }))).Grants, [
    { KeyId, Name: 'change-1', GranteePrincipal: MARY, Constraints: grant.Constraints, Operations: grant.Operations },
  ]);
  await service.send(new RevokeGrantCommand({ KeyId, GrantId: made.GrantId }));
  await t.rejects(read(first), KEY_DENIED, 'after the grant is revoked');
  await t.rejects(service.send(new RevokeGrantCommand({ KeyId, GrantId: made.GrantId })), {
    name: 'NotFoundException',
  });
});

t.test('the reader needs an identity policy for the key, too', async (t) => {
  const { local, secretsManager } = await start(t);
  const SecretId = arnOf(local, 'demo/database');
  await secretsManager('LOCALOWNER').send(
    new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(allowMary) }),
  );
  local.directory.setIdentityPolicies(MARY, [
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'secretsmanager:*', Resource: '*' }] },
  ]);
  await t.rejects(secretsManager('LOCALMARY').send(new GetSecretValueCommand({ SecretId })), KEY_DENIED);
});

t.test('the service may only make grants to decrypt one secret', async (t) => {
  const { local, kms } = await start(t);
  const service = kms('LOCALSERVICE');
  const { KeyMetadata } = await kms('LOCALOWNER').send(new DescribeKeyCommand({ KeyId: 'alias/demo' }));
  const grant = { KeyId: KeyMetadata?.Arn, GranteePrincipal: MARY, Operations: ['Decrypt' as const] };
  const Constraints = { EncryptionContextSubset: { SecretARN: arnOf(local, 'demo/database') } };
  const denied = { name: 'AccessDeniedException', message: /kms:CreateGrant on resource: .* no identity-based policy/ };
  await t.rejects(service.send(new CreateGrantCommand(grant)), denied, 'without the constraint');
  await t.rejects(
    service.send(new CreateGrantCommand({ ...grant, Constraints, Operations: ['Decrypt', 'Encrypt'] })),
    denied,
  );
  await t.resolves(service.send(new CreateGrantCommand({ ...grant, Constraints })));
  await t.rejects(service.send(new CreateGrantCommand({ ...grant, Constraints, GranteePrincipal: `${MARY}x` })), {
    name: 'InvalidArnException',
    message: `ARN does not refer to a valid principal: ${MARY}x`,
  });
});

t.test('a key policy decides, identity policies only as far as it delegates', async (t) => {
  const { kms } = await start(t);
  const owner = kms('LOCALOWNER');
  const { KeyMetadata } = await owner.send(new CreateKeyCommand({ Description: 'mine' }));
  const KeyId = KeyMetadata?.KeyId;
  await owner.send(new CreateAliasCommand({ AliasName: 'alias/mine', TargetKeyId: KeyId }));
  await t.rejects(owner.send(new CreateAliasCommand({ AliasName: 'alias/mine', TargetKeyId: KeyId })), {
    name: 'AlreadyExistsException',
  });
  t.match((await owner.send(new ListAliasesCommand({ KeyId }))).Aliases, [
    { AliasName: 'alias/mine', TargetKeyId: KeyId },
  ]);
  t.match(await owner.send(new DescribeKeyCommand({ KeyId: 'alias/mine' })), { KeyMetadata: { KeyId } });
  const { KeyMetadata: other } = await owner.send(new CreateKeyCommand({}));
  await owner.send(new UpdateAliasCommand({ AliasName: 'alias/mine', TargetKeyId: other?.KeyId }));
  t.match(await owner.send(new DescribeKeyCommand({ KeyId: 'alias/mine' })), { KeyMetadata: { KeyId: other?.KeyId } });
  await owner.send(new DeleteAliasCommand({ AliasName: 'alias/mine' }));
  const isGone = { name: 'NotFoundException' };
  await t.rejects(owner.send(new DescribeKeyCommand({ KeyId: 'alias/mine' })), isGone);
  await t.rejects(owner.send(new UpdateAliasCommand({ AliasName: 'alias/mine', TargetKeyId: KeyId })), isGone);
  await t.rejects(owner.send(new DeleteAliasCommand({ AliasName: 'alias/mine' })), isGone);
  t.match(JSON.parse((await owner.send(new GetKeyPolicyCommand({ KeyId }))).Policy ?? ''), {
    Statement: [{ Sid: 'Enable IAM User Permissions', Principal: { AWS: 'arn:aws:iam::111111111111:root' } }],
  });
  const ownerArn = 'arn:aws:iam::111111111111:user/owner';
  const onlyOwner = policyOf({ Effect: 'Allow', Principal: { AWS: ownerArn }, Action: 'kms:*', Resource: '*' });
  await owner.send(new PutKeyPolicyCommand({ KeyId, Policy: onlyOwner }));
  await t.rejects(kms('LOCALSERVICE').send(new DescribeKeyCommand({ KeyId })), {
    name: 'AccessDeniedException',
    message: /because no resource-based policy allows the kms:DescribeKey action/,
  });
  await t.resolves(owner.send(new DescribeKeyCommand({ KeyId })));
  const lockedOut = policyOf({ Effect: 'Allow', Principal: { AWS: ownerArn }, Action: 'kms:Describe*', Resource: '*' });
  await t.rejects(owner.send(new PutKeyPolicyCommand({ KeyId, Policy: lockedOut })), {
    name: 'MalformedPolicyDocumentException',
    message: /will not allow you to update the key policy/,
  });
  const nobody = policyOf({ Effect: 'Allow', Principal: { AWS: `${ownerArn}x` }, Action: 'kms:*', Resource: '*' });
  await t.rejects(owner.send(new PutKeyPolicyCommand({ KeyId, Policy: nobody })), {
    name: 'MalformedPolicyDocumentException',
    message: 'Policy contains a statement with one or more invalid principals.',
  });
});

t.test('a key that cannot be found is named as AWS names it', async (t) => {
  const { kms } = await start(t);
  const describe = (KeyId: string) => kms('LOCALOWNER').send(new DescribeKeyCommand({ KeyId }));
  const id = '00000000-0000-0000-0000-000000000000';
  await t.rejects(describe('nonsense'), { name: 'NotFoundException', message: "Invalid keyId 'nonsense'" });
  await t.rejects(describe('alias/none'), {
    message: 'Alias arn:aws:kms:us-east-1:111111111111:alias/none is not found.',
  });
  await t.rejects(describe(id), { message: `Key 'arn:aws:kms:us-east-1:111111111111:key/${id}' does not exist` });
  await t.rejects(describe('arn:aws:s3:::bucket'), { name: 'InvalidArnException' });
  await t.rejects(describe(`arn:aws:kms:us-east-1:123456789999:key/${id}`), { name: 'AccessDeniedException' });
  t.match(await describe('alias/aws/secretsmanager'), { KeyMetadata: { KeyManager: 'AWS' } });
});
