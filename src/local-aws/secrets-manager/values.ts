import { randomUUID } from 'node:crypto';
import Type from 'typebox';
import { type Call, seconds } from '../call.ts';
import { findKey, MANAGED_ALIAS, mayUseSecretKey } from '../kms/keys.ts';
import { AwsError, accessDenied, invalidParameter, invalidRequest } from '../protocol/errors.ts';
import { type Operation, operation, optional, text } from '../protocol/input.ts';
import { pageOf } from '../protocol/paging.ts';
import type { SecretRecord, SecretVersion } from '../records.ts';
import {
  authorizedSecret,
  type LocatedSecret,
  refuseDeleted,
  refuseUnchangeable,
  SecretId,
  saveSecret,
} from './secret-record.ts';

export const SecretString = optional(text(1, 65_536));
export const SecretBinary = optional(text(1, 87_384));
export const ClientRequestToken = optional(text(32, 64));
const VersionStage = text(1, 256);
const DAY = 86_400_000;
/** Versions without a stage are deprecated; AWS removes those beyond a hundred. */
const MAX_DEPRECATED_VERSIONS = 100;

/** Reading and writing values. Source: Secrets Manager API Reference. */
export const secretValueOperations: Record<string, Operation<Call>> = {
  GetSecretValue: operation(
    Type.Object({ SecretId, VersionId: optional(text(32, 64)), VersionStage: optional(VersionStage) }),
    (call: Call, input) => {
      const secret = authorizedSecret(call, input.SecretId, {
        ...(input.VersionId === undefined ? {} : { 'secretsmanager:VersionId': input.VersionId }),
        ...(input.VersionStage === undefined ? {} : { 'secretsmanager:VersionStage': input.VersionStage }),
      });
      refuseDeleted(secret);
      const version = findVersion(secret.record, input.VersionId, input.VersionStage);
      useKey(call, secret, 'kms:Decrypt', version.id);
      // AWS keeps the day only.
      const today = Math.floor(call.now.getTime() / DAY) * DAY;
      if (secret.record.accessedAt !== today) saveSecret(call, { ...secret.record, accessedAt: today });
      return {
        ARN: secret.arn,
        Name: secret.record.name,
        VersionId: version.id,
        ...(version.string === undefined ? { SecretBinary: version.binary } : { SecretString: version.string }),
        VersionStages: version.stages,
        CreatedDate: seconds(version.createdAt),
      };
    },
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
      const { record, arn } = authorizedSecret(call, input.SecretId);
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
      const shown = items.map(({ id, stages, createdAt }) => ({
        VersionId: id,
        ...(stages.length === 0 ? {} : { VersionStages: stages }),
        CreatedDate: seconds(createdAt),
      }));
      return { ARN: arn, Name: record.name, Versions: shown, ...(next && { NextToken: next }) };
    },
  ),
};

function findVersion({ versions }: SecretRecord, id: string | undefined, stage: string | undefined): SecretVersion {
  if (id === undefined) {
    const label = stage ?? 'AWSCURRENT';
    const version = versions.find(({ stages }) => stages.includes(label));
    if (version === undefined) throw valueNotFound(`staging label: ${label}`);
    return version;
  }
  const version = versions.find((one) => one.id === id);
  if (version === undefined) throw valueNotFound(`VersionId: ${id}`);
  if (stage !== undefined && !version.stages.includes(stage)) {
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
  }
  return version;
}

const valueNotFound = (what: string) =>
  new AwsError('ResourceNotFoundException', `Secrets Manager can't find the specified secret value for ${what}`);

/** @throws AwsError AccessDeniedException when the key's policy, its grants or the caller's own policies do not allow it */
function useKey(
  call: Call,
  { record, region, arn }: LocatedSecret,
  action: 'kms:Decrypt' | 'kms:GenerateDataKey',
  versionId: string,
): void {
  const kmsKeyId =
    region === record.primaryRegion ? record.kmsKeyId : record.replicas.find((one) => one.region === region)?.kmsKeyId;
  const key = findKey(call, kmsKeyId ?? MANAGED_ALIAS, { ...record, region });
  if (key === undefined || key.region !== region) {
    throw new AwsError(
      'EncryptionFailure',
      "Secrets Manager can't encrypt the protected secret text using the provided KMS key.",
    );
  }
  if (!mayUseSecretKey(call, key, action, { arn, versionId })) throw accessDenied('Access to KMS is not allowed');
}

type NewValue = { SecretString?: string; SecretBinary?: string; ClientRequestToken?: string };

/**
 * Saves a new version; its stages leave the versions that bore them, and AWSPREVIOUS follows AWSCURRENT. The same
 * token with the same value is the same request once more.
 */
export function addVersion(
  call: Call,
  secret: LocatedSecret,
  value: NewValue,
  stages: readonly string[] = ['AWSCURRENT'],
): { record: SecretRecord; version: SecretVersion } {
  const { record } = secret;
  if (value.SecretString !== undefined && value.SecretBinary !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  const id = value.ClientRequestToken ?? randomUUID();
  const existing = record.versions.find((version) => version.id === id);
  if (existing !== undefined) {
    if (existing.string === value.SecretString && existing.binary === value.SecretBinary)
      return { record, version: existing };
    throw new AwsError(
      'ResourceExistsException',
      `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`,
    );
  }
  useKey(call, secret, 'kms:GenerateDataKey', id);
  const version: SecretVersion = {
    id,
    ...(value.SecretString === undefined ? {} : { string: value.SecretString }),
    ...(value.SecretBinary === undefined ? {} : { binary: value.SecretBinary }),
    stages: record.versions.length === 0 ? [...new Set([...stages, 'AWSCURRENT'])] : [...stages],
    createdAt: call.now.getTime(),
  };
  const changed = { ...record, versions: withVersion(record.versions, version), changedAt: call.now.getTime() };
  saveSecret(call, changed);
  return { record: changed, version };
}

function withVersion(versions: readonly SecretVersion[], added: SecretVersion): SecretVersion[] {
  const current = versions.find(({ stages }) => stages.includes('AWSCURRENT'));
  const replacesCurrent = added.stages.includes('AWSCURRENT');
  const moved = versions.map((version) => {
    const kept = version.stages.filter(
      (stage) => !added.stages.includes(stage) && !(replacesCurrent && stage === 'AWSPREVIOUS'),
    );
    return { ...version, stages: replacesCurrent && version === current ? [...kept, 'AWSPREVIOUS'] : kept };
  });
  const staged = moved.filter(({ stages }) => stages.length > 0);
  const deprecated = moved.filter(({ stages }) => stages.length === 0).slice(-MAX_DEPRECATED_VERSIONS);
  return [...deprecated, ...staged, added];
}
