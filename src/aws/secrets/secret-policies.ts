import {
  DeleteResourcePolicyCommand,
  DescribeSecretCommand,
  type DescribeSecretResponse,
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
  ValidateResourcePolicyCommand,
  type ValidationErrorsEntry,
} from '@aws-sdk/client-secrets-manager';
import type { Secret } from '../../access/secret.ts';
import type { SecretPolicies } from '../../access/write/secret-policies.ts';
import { parseSecretArn } from '../../policy/arn.ts';
import { DomainError } from '../../problems/problem.ts';
import { namesUnknownPrincipal, toDomainError } from '../calls/errors.ts';
import type { PaceKind } from '../calls/pace.ts';
import type { AwsClients } from '../clients.ts';
import { readPolicy } from '../policy-text.ts';
import { findDescribeLockOut, withSelfNamed } from './lock-out.ts';
import { customerKey, replicasOf, tagsOf } from './secret-facts.ts';

/**
 * Resource policies in AWS Secrets Manager.
 * @param lane in which policies wait for their turn to be read
 * @param writes and to be written
 */
export function createSecretPolicies(
  clients: AwsClients,
  lane: PaceKind = 'read',
  writes: PaceKind = 'write',
): SecretPolicies {
  const { clientsFor, call } = clients;
  return {
    async describe(secretId) {
      const { secretsManager } = clientsFor(secretId);
      const command = new DescribeSecretCommand({ SecretId: secretId });
      const facts = { action: 'secretsmanager:DescribeSecret', resource: secretId };
      const output = await call(facts, command, () => secretsManager.send(command));
      assertFromAws(output);
      return toSecret(output);
    },

    async get(arn) {
      const { secretsManager, pace } = clientsFor(arn);
      const command = new GetResourcePolicyCommand({ SecretId: arn });
      const facts = { action: 'secretsmanager:GetResourcePolicy', resource: arn, pace, lane };
      const output = await call(facts, command, () => secretsManager.send(command));
      assertFromAws(output);
      return output.ResourcePolicy === undefined ? null : readPolicy(output.ResourcePolicy, arn);
    },

    async put(arn, text, held, how) {
      const { secretsManager, pace } = clientsFor(arn);
      const command = new PutResourcePolicyCommand({
        SecretId: arn,
        ResourcePolicy: text,
        BlockPublicPolicy: how?.mayBePublic !== true,
      });
      const facts = {
        ...{ action: 'secretsmanager:PutResourcePolicy', resource: arn, pace, lane: writes, held },
        changes: true,
      } as const;
      const output = await call(facts, command, () => secretsManager.send(command));
      assertFromAws(output, { uncertain: true });
      return { awsRequestId: output.$metadata.requestId ?? null };
    },

    async delete(arn, held) {
      const { secretsManager, pace } = clientsFor(arn);
      const command = new DeleteResourcePolicyCommand({ SecretId: arn });
      const facts = {
        ...{ action: 'secretsmanager:DeleteResourcePolicy', resource: arn, pace, lane: writes, held },
        changes: true,
      } as const;
      const output = await call(facts, command, () => secretsManager.send(command));
      assertFromAws(output, { uncertain: true });
      return { awsRequestId: output.$metadata.requestId ?? null };
    },

    async validate(arn, text) {
      const { secretsManager, pace } = clientsFor(arn);
      const command = new ValidateResourcePolicyCommand({ SecretId: arn, ResourcePolicy: text });
      const facts = { action: 'secretsmanager:ValidateResourcePolicy', resource: arn, pace, lane };
      const output = await call(facts, command, () => secretsManager.send(command));
      assertFromAws({ ARN: output.PolicyValidationPassed === undefined ? undefined : arn });
      const unknown = output.ValidationErrors?.find(({ ErrorMessage = '' }) => namesUnknownPrincipal(ErrorMessage));
      if (unknown) throw toDomainError(refusedBy(unknown, output.$metadata), facts);
      const findings = (output.ValidationErrors ?? []).map(({ CheckName, ErrorMessage }) => ({
        check: CheckName ?? 'unnamed',
        message: ErrorMessage ?? '',
      }));
      if (findings.length > 0) return withSelfNamed(clients, arn, readPolicy(text, arn), findings);
      if (output.PolicyValidationPassed === true) return findDescribeLockOut(clients, arn, readPolicy(text, arn));
      return [{ check: 'unnamed', message: 'AWS does not pass this policy and does not say why.' }];
    },
  };
}

/**
 * AWS names the secret in every answer. One that does not is of something in between, such as a proxy, and its silence
 * about a policy does not mean that there is none.
 * @throws DomainError aws-error
 */
function assertFromAws(answer: { ARN?: string | undefined }, circumstances: { uncertain?: true } = {}): void {
  if (answer.ARN !== undefined) return;
  const why = 'The answer names no secret, as if something before AWS gave it.';
  throw new DomainError('aws-error', { why, ...circumstances });
}

/** A finding as the error that PutResourcePolicy answers with in its place. */
const refusedBy = ({ ErrorMessage }: ValidationErrorsEntry, $metadata: { requestId?: string | undefined }) => ({
  name: 'MalformedPolicyDocumentException',
  message: ErrorMessage ?? '',
  $metadata: { ...$metadata, httpStatusCode: 400 },
});

function toSecret(described: DescribeSecretResponse): Secret {
  const arn = described.ARN === undefined ? undefined : parseSecretArn(described.ARN);
  if (described.ARN === undefined || arn === undefined) {
    throw new DomainError('aws-error', { why: 'AWS described a secret without a full ARN.' });
  }
  const replicas = replicasOf(described.ReplicationStatus);
  return {
    arn: described.ARN,
    name: described.Name ?? arn.name,
    description: described.Description ?? null,
    partition: arn.partition,
    region: arn.region,
    account: arn.account,
    kmsKeyId: customerKey(described.KmsKeyId),
    owningService: described.OwningService ?? null,
    deletedAt: described.DeletedDate?.toISOString() ?? null,
    primaryRegion: described.PrimaryRegion ?? null,
    replicaRegions: replicas.map(({ region }) => region),
    replicas,
    tags: tagsOf(described.Tags),
    rotation: described.RotationEnabled === true ? { functionArn: described.RotationLambdaARN ?? null } : null,
  };
}
