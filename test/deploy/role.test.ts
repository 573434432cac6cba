import { readFileSync } from 'node:fs';
import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  CreateKeyCommand,
  type KMSClient,
  RevokeGrantCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms';
import { PutResourcePolicyCommand } from '@aws-sdk/client-secrets-manager';
import t, { type Test } from 'tap';
import type { PolicyDocument } from '../../src/policy/document.ts';
import { allowMary, arnOf, MARY, policyOf, SERVICE_ROLE, start } from '../local-aws/start.ts';

/** What somebody who has stolen the service's role can do with it to keys: nothing beyond what the service does. */

const DENIED = { name: 'AccessDeniedException' };
const NARROWER: PolicyDocument = JSON.parse(
  /^```json narrower-role\n(.*?)^```$/ms.exec(readFileSync('docs/operations.md', 'utf8'))?.[1] ?? '',
);

async function stolen(t: Test, ...further: PolicyDocument[]) {
  const { local, kms, secretsManager } = await start(t);
  local.directory.setIdentityPolicies(SERVICE_ROLE, [local.servicePolicy, ...further]);
  const owner = kms('LOCALOWNER');
  const thief = kms('LOCALSERVICE');
  const SecretARN = arnOf(local, 'demo/database');
  const newKey = async (tag?: string): Promise<string> => {
    const { KeyMetadata } = await owner.send(new CreateKeyCommand({}));
    const KeyId = KeyMetadata?.Arn ?? '';
    if (tag !== undefined) await tagged(owner, KeyId, tag);
    return KeyId;
  };
  const grant = (KeyId: string, other: Partial<CreateGrantCommandInput> = {}) =>
    thief.send(
      new CreateGrantCommand({
        KeyId,
        GranteePrincipal: MARY,
        Operations: ['Decrypt', 'DescribeKey'],
        Constraints: { EncryptionContextSubset: { SecretARN } },
        ...other,
      }),
    );
  const revoke = (KeyId: string, GrantId: string) => thief.send(new RevokeGrantCommand({ KeyId, GrantId }));
  return { local, secretsManager, owner, newKey, grant, revoke };
}

const tagged = (owner: KMSClient, KeyId: string, TagValue: string) =>
  owner.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'secret-access', TagValue }] }));

t.test('the role grants what one secret takes, to a principal, and nothing else that a key holds', async (t) => {
  const { newKey, grant, revoke } = await stolen(t);
  const key = await newKey();
  const { GrantId = '' } = await grant(key);
  await revoke(key, GrantId);
  const of = (EncryptionContextSubset: Record<string, string>) => ({ Constraints: { EncryptionContextSubset } });
  for (const [what, other] of Object.entries<Partial<CreateGrantCommandInput>>({
    'all of it': { Constraints: {} },
    'what is not of a secret': of({ 'aws:s3:arn': 'arn:aws:s3:::bucket' }),
    'all secrets that have a context': of({ SecretVersionId: '1' }),
    'of one secret, but equal': { Constraints: { EncryptionContextEquals: { SecretARN: 'arn:aws:s3:::a' } } },
    'something else under the name of a secret': of({ SecretARN: 'arn:aws:s3:::bucket' }),
    'to grant further': { Operations: ['CreateGrant', 'Decrypt'] },
    'to encrypt anything': { Operations: ['Encrypt'] },
  })) {
    await t.rejects(grant(key, other), DENIED, what);
  }
});

t.test('a key that is tagged out of reach stays so', async (t) => {
  const { newKey, owner, grant, revoke } = await stolen(t);
  const key = await newKey();
  const { GrantId = '' } = await grant(key);
  await tagged(owner, key, 'none');
  await t.rejects(grant(key), DENIED);
  await t.rejects(revoke(key, GrantId), DENIED);
});

t.test('the narrower role of the guide: tagged keys, named accounts, its own organization', async (t) => {
  const { local, secretsManager, newKey, owner, grant, revoke } = await stolen(t, NARROWER);
  const key = await newKey('grants');
  const { GrantId = '' } = await grant(key);
  await t.rejects(grant(key, { GranteePrincipal: 'arn:aws:iam::222222222222:role/app' }), DENIED, 'another account');
  await t.rejects(grant(await newKey()), DENIED, 'a key that has no tag');
  await tagged(owner, key, 'other');
  await t.rejects(revoke(key, GrantId), DENIED, 'nor is one revoked there');
  await tagged(owner, key, 'grants');
  await revoke(key, GrantId);

  const put = (accessKey: string, ...statements: object[]) =>
    secretsManager(accessKey).send(
      new PutResourcePolicyCommand({
        SecretId: arnOf(local, 'demo/other-account', 'LOCALOTHEROWNER'),
        ResourcePolicy: policyOf(...statements),
        BlockPublicPolicy: true,
      }),
    );
  const letsTheRole = { ...allowMary, Principal: { AWS: SERVICE_ROLE } };
  await put('LOCALOTHEROWNER', letsTheRole);
  await put('LOCALSERVICE', letsTheRole);
  local.accounts.setOrganization('333333333333', 'o-elsewhere01', ['r-else']);
  await t.rejects(put('LOCALSERVICE', letsTheRole), DENIED, 'of another organization');
  local.accounts.setOrganization('333333333333', null);
  await t.rejects(put('LOCALSERVICE', letsTheRole), DENIED, 'of none');
});
