import Type from 'typebox';
import { type Call, seconds } from '../call.ts';
import { invalidRequest } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import { pageOf } from '../protocol/paging.ts';
import type { SecretRecord, SecretVersion } from '../records.ts';
import { decrypt, keyIdsOf } from './encryption.ts';
import { authorizedSecret, refuseDeleted, refuseUnchangeable, SecretId, saveSecret } from './secret-record.ts';
import { addVersion, findVersion } from './versions.ts';

export const SecretString = optional(text(1, 65_536));
export const SecretBinary = optional(text(1, 87_384));
export const ClientRequestToken = optional(text(32, 64));
const VersionStage = text(1, 256);
const DAY = 86_400_000;

/** Reading and writing values. Source: Secrets Manager API Reference. */
export const secretValueOperations: Record<string, AwsOperation<Call>> = {
  GetSecretValue: operation(
    Type.Object({ SecretId, VersionId: optional(text(32, 64)), VersionStage: optional(VersionStage) }),
    readValue,
  ),

  PutSecretValue: operation(
    Type.Object({
      SecretId,
      ClientRequestToken,
      SecretString,
      SecretBinary,
      VersionStages: optional(Type.Array(VersionStage, { minItems: 1, maxItems: 20 })),
    }),
    (call: Call, input) => {
      const secret = authorizedSecret(call, input.SecretId);
      refuseDeleted(secret);
      refuseUnchangeable(secret);
      if (input.SecretString === undefined && input.SecretBinary === undefined) {
        throw invalidRequest('You must provide either SecretString or SecretBinary.');
      }
      const { version } = addVersion(call, secret, input, input.VersionStages);
      return { ARN: secret.arn, Name: secret.record.name, VersionId: version.id, VersionStages: version.stages };
    },
  ),

  ListSecretVersionIds: operation(
    Type.Object({
      SecretId,
      MaxResults: optional(Type.Integer({ minimum: 1, maximum: 100 })),
      NextToken: optional(text(1, 4096)),
      IncludeDeprecated: optional(Type.Boolean()),
    }),
    (call: Call, input) => {
      const secret = authorizedSecret(call, input.SecretId);
      const { record, arn } = secret;
      const versions = record.versions
        .filter(({ stages }) => stages.length > 0 || input.IncludeDeprecated === true)
        .sort((a, b) => (a.id < b.id ? -1 : 1));
      const { items, next } = pageOf(
        versions,
        ({ id }) => id,
        input.MaxResults ?? 100,
        input.NextToken,
        'InvalidNextTokenException',
      );
      const shown = items.map((version) => ({
        VersionId: version.id,
        ...(version.stages.length === 0 ? {} : { VersionStages: version.stages }),
        CreatedDate: seconds(version.createdAt),
        ...(version.accessedAt === undefined ? {} : { LastAccessedDate: seconds(version.accessedAt) }),
        KmsKeyIds: keyIdsOf(call, secret, version),
      }));
      return { ARN: arn, Name: record.name, Versions: shown, ...(next && { NextToken: next }) };
    },
  ),
};

type WhichValue = { SecretId: string; VersionId?: string; VersionStage?: string };

/** One value, as GetSecretValue shows it. @throws AwsError of GetSecretValue */
export function readValue(call: Call, input: WhichValue) {
  const secret = authorizedSecret(call, input.SecretId, {
    ...(input.VersionId === undefined ? {} : { 'secretsmanager:VersionId': input.VersionId }),
    ...(input.VersionStage === undefined ? {} : { 'secretsmanager:VersionStage': input.VersionStage }),
  });
  refuseDeleted(secret);
  const version = findVersion(secret.record, input.VersionId, input.VersionStage);
  decrypt(call, secret, version);
  // AWS keeps the day only.
  const today = Math.floor(call.now.getTime() / DAY) * DAY;
  if (version.accessedAt !== today) saveSecret(call, accessed(secret.record, version, today));
  return {
    ARN: secret.arn,
    Name: secret.record.name,
    VersionId: version.id,
    ...(version.string === undefined ? { SecretBinary: version.binary } : { SecretString: version.string }),
    VersionStages: version.stages,
    CreatedDate: seconds(version.createdAt),
  };
}

const accessed = (record: SecretRecord, version: SecretVersion, accessedAt: number): SecretRecord => ({
  ...record,
  accessedAt,
  versions: record.versions.map((one) => (one === version ? { ...one, accessedAt } : one)),
});
