import { randomUUID } from 'node:crypto';
import type { Call } from '../call.ts';
import { AwsError, invalidParameter, invalidRequest } from '../protocol/errors.ts';
import type { SecretRecord, SecretVersion } from '../records.ts';
import { decrypt, encrypt } from './encryption.ts';
import { type LocatedSecret, saveSecret } from './secret-record.ts';

/** Versions without a stage are deprecated; AWS removes those beyond a hundred. */
const MAX_DEPRECATED_VERSIONS = 100;

/** By id, by stage, or by both; AWSCURRENT unless told. @throws AwsError ResourceNotFound- or InvalidRequestException */
export function findVersion(
  { versions }: SecretRecord,
  id: string | undefined,
  stage: string | undefined,
): SecretVersion {
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

export type NewValue = { SecretString?: string; SecretBinary?: string; ClientRequestToken?: string };

export const isValueOf = ({ string, binary }: SecretVersion, value: NewValue): boolean =>
  string === value.SecretString && binary === value.SecretBinary;

export const tokenInUse = (token: string, arn: string): AwsError =>
  new AwsError(
    'ResourceExistsException',
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`,
  );

/**
 * Saves a new version; its stages leave the versions that bore them, AWSPREVIOUS follows AWSCURRENT, and the version that
 * AWSCURRENT leaves is no longer AWSPENDING either (seen in AWS, after a rotation). The same
 * token with the same value is the same request once more.
 * @throws AwsError InvalidParameterException, ResourceExistsException, and what encryption refuses
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
    decrypt(call, secret, existing);
    if (isValueOf(existing, value)) return { record, version: existing };
    throw tokenInUse(id, secret.arn);
  }
  const key = encrypt(call, secret, id);
  const version: SecretVersion = {
    id,
    ...(value.SecretString === undefined ? {} : { string: value.SecretString }),
    ...(value.SecretBinary === undefined ? {} : { binary: value.SecretBinary }),
    stages: record.versions.length === 0 ? [...new Set([...stages, 'AWSCURRENT'])] : [...stages],
    createdAt: call.now.getTime(),
    keys: [key],
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
      (stage) =>
        !added.stages.includes(stage) &&
        !(replacesCurrent && (stage === 'AWSPREVIOUS' || (stage === 'AWSPENDING' && version === current))),
    );
    return { ...version, stages: replacesCurrent && version === current ? [...kept, 'AWSPREVIOUS'] : kept };
  });
  const staged = moved.filter(({ stages }) => stages.length > 0);
  const deprecated = moved.filter(({ stages }) => stages.length === 0).slice(-MAX_DEPRECATED_VERSIONS);
  return [...deprecated, ...staged, added];
}
