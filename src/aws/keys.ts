import {
  CreateGrantCommand,
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  type GrantConstraints,
  type GrantListEntry,
  ListGrantsCommand,
  RevokeGrantCommand,
} from '@aws-sdk/client-kms';
import type { KeyGrants } from '../access/grants/grants-at-key.ts';
import type { Key, KeyGrant, Keys, NewGrant } from '../access/judge/key/keys.ts';
import { partitionOfRegion } from '../policy/arn.ts';
import { DomainError } from '../problems/problem.ts';
import { isAnswer } from './calls/errors.ts';
import type { AwsClients } from './clients.ts';
import { readPolicy } from './policy-text.ts';

/** Keys in AWS KMS. A key is described from the secret's account, and changed from its own. */
export function createKeys({ clientsFor, call }: AwsClients): Keys & KeyGrants {
  const granting = ({ arn }: Key, { principal, secretArn, operations, name }: NewGrant, DryRun?: true) =>
    new CreateGrantCommand({
      KeyId: arn,
      GranteePrincipal: principal,
      Operations: [...operations],
      Constraints: { EncryptionContextSubset: { SecretARN: secretArn } },
      // With the same name KMS answers a repeated request with the grant it made before.
      Name: name,
      DryRun,
    });

  return {
    async describe(keyId, region, account) {
      // KMS finds a key of another account by its ARN; an id or alias is the asking account's own.
      const { kms } = clientsFor(`arn:${partitionOfRegion(region)}:kms:${region}:${account}:key/${keyId}`);
      const command = new DescribeKeyCommand({ KeyId: keyId });
      const facts = { action: 'kms:DescribeKey', resource: keyId };
      const { KeyMetadata: found } = await call(facts, command, () => kms.send(command));
      if (found?.Arn === undefined || found.AWSAccountId === undefined || found.KeyManager === undefined) {
        throw new DomainError('aws-error', {
          why: `AWS described the key ${keyId} without its ARN, account or manager.`,
        });
      }
      return {
        arn: found.Arn,
        account: found.AWSAccountId,
        manager: found.KeyManager,
        // While it becomes a primary key, or is one no more, for some seconds, it works. Source: KMS Developer Guide, "Key states".
        enabled: found.Enabled === true || found.KeyState === 'Updating',
      };
    },

    async policy(key) {
      const { kms } = clientsFor(key.arn);
      const command = new GetKeyPolicyCommand({ KeyId: key.arn, PolicyName: 'default' });
      const facts = { action: 'kms:GetKeyPolicy', resource: key.arn };
      const { Policy = '' } = await call(facts, command, () => kms.send(command));
      return readPolicy(Policy, key.arn);
    },

    async grants(key) {
      const { kms } = clientsFor(key.arn);
      const grants: KeyGrant[] = [];
      let next: string | undefined;
      do {
        const command = new ListGrantsCommand({ KeyId: key.arn, Limit: 100, Marker: next });
        const facts = { action: 'kms:ListGrants', resource: key.arn };
        const page = await call(facts, command, () => kms.send(command));
        grants.push(...(page.Grants ?? []).map(toGrant));
        next = page.Truncated === true ? page.NextMarker : undefined;
      } while (next !== undefined);
      return grants;
    },

    async tryGrant(key, grant) {
      const { kms } = clientsFor(key.arn);
      const command = granting(key, grant, true);
      const facts = { action: 'kms:CreateGrant', resource: key.arn };
      try {
        await call(facts, command, () => kms.send(command));
      } catch (error) {
        if (!isAnswer(error, 'DryRunOperationException')) throw error;
        return;
      }
      throw new DomainError('aws-error', { why: `AWS did not heed that a grant on ${key.arn} was only tried.` });
    },

    async createGrant(key, grant) {
      const { kms } = clientsFor(key.arn);
      const command = granting(key, grant);
      const facts = { action: 'kms:CreateGrant', resource: key.arn, changes: true } as const;
      const { GrantId, $metadata } = await call(facts, command, () => kms.send(command));
      if (GrantId === undefined) {
        throw new DomainError('aws-error', {
          why: `AWS made a grant on the key ${key.arn} without an id.`,
          uncertain: true,
        });
      }
      return { grantId: GrantId, awsRequestId: $metadata.requestId ?? null };
    },

    async revokeGrant(key, grantId) {
      const { kms } = clientsFor(key.arn);
      const command = new RevokeGrantCommand({ KeyId: key.arn, GrantId: grantId });
      const facts = { action: 'kms:RevokeGrant', resource: key.arn, changes: true } as const;
      try {
        const { $metadata } = await call(facts, command, () => kms.send(command));
        return { awsRequestId: $metadata.requestId ?? null };
      } catch (error) {
        // Already gone, perhaps by our own first attempt whose answer was lost: that is what was wanted.
        if (!isAnswer(error, 'NotFoundException')) throw error;
        return { awsRequestId: error.facts.awsRequestId ?? null };
      }
    },
  };
}

const toGrant = (entry: GrantListEntry): KeyGrant => ({
  grantId: entry.GrantId ?? '',
  name: entry.Name || null,
  grantee: entry.GranteePrincipal ?? entry.GranteeServicePrincipal ?? '',
  operations: entry.Operations ?? [],
  constraints: toConstraints(entry.Constraints),
  createdAt: entry.CreationDate ?? null,
});

const toConstraints = ({
  EncryptionContextSubset: subset,
  EncryptionContextEquals: equals,
  SourceArn: sourceArn,
}: GrantConstraints = {}): KeyGrant['constraints'] => ({
  ...(subset !== undefined && { subset }),
  ...(equals !== undefined && { equals }),
  ...(sourceArn !== undefined && { sourceArn }),
});
