import Type from 'typebox';
import type { Call } from '../call.ts';
import { AwsError, invalidParameter } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import type { SecretVersion } from '../records.ts';
import { authorizedSecret, refuseDeleted, refuseUnchangeable, SecretId, saveSecret } from './secret-record.ts';

const VersionId = optional(text(32, 64));
/** Source: Secrets Manager User Guide, "AWS Secrets Manager quotas": labels on all versions of a secret. */
const MAX_STAGES = 20;

/** Source: Secrets Manager API Reference, UpdateSecretVersionStage. */
export const versionStageOperations: Record<string, AwsOperation<Call>> = {
  UpdateSecretVersionStage: operation(
    Type.Object({
      SecretId,
      VersionStage: text(1, 256),
      RemoveFromVersionId: VersionId,
      MoveToVersionId: VersionId,
    }),
    (call: Call, { SecretId: id, VersionStage: stage, RemoveFromVersionId: from, MoveToVersionId: to }) => {
      const secret = authorizedSecret(call, id, { 'secretsmanager:VersionStage': stage });
      refuseDeleted(secret);
      refuseUnchangeable(secret);
      const { record, arn } = secret;
      const bearer = record.versions.find(({ stages }) => stages.includes(stage));
      for (const named of [from, to]) refuseUnknown(record.versions, named);
      refuseMove(stage, bearer, from, to);
      const versions = moved(record.versions, stage, bearer, to);
      if (new Set(versions.flatMap(({ stages }) => stages)).size > MAX_STAGES) {
        throw new AwsError('LimitExceededException', `A secret can have at most ${MAX_STAGES} staging labels.`);
      }
      saveSecret(call, { ...record, versions, changedAt: call.now.getTime() });
      return { ARN: arn, Name: record.name };
    },
  ),
};

function refuseUnknown(versions: readonly SecretVersion[], id: string | undefined): void {
  if (id === undefined || versions.some((version) => version.id === id)) return;
  throw new AwsError('ResourceNotFoundException', `Secrets Manager can't find the specified secret version: ${id}`);
}

/** A label is taken only from the version that is named as its bearer; AWSCURRENT is moved, never just removed. */
function refuseMove(
  stage: string,
  bearer: SecretVersion | undefined,
  from: string | undefined,
  to: string | undefined,
): void {
  if (from === undefined && to === undefined) {
    throw invalidParameter('You must specify RemoveFromVersionId, MoveToVersionId, or both.');
  }
  if (stage === 'AWSCURRENT' && to === undefined) {
    throw invalidParameter(
      "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
    );
  }
  if (from !== undefined && bearer?.id !== from) {
    throw invalidParameter(`Staging label ${stage} is not currently attached to version ${from}.`);
  }
  if (from === undefined && bearer !== undefined && bearer.id !== to) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${bearer.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
}

/** AWSPREVIOUS follows: it goes to the version that AWSCURRENT leaves. */
function moved(
  versions: readonly SecretVersion[],
  stage: string,
  bearer: SecretVersion | undefined,
  to: string | undefined,
): SecretVersion[] {
  if (bearer?.id === to) return [...versions];
  const previous = stage === 'AWSCURRENT' ? bearer?.id : undefined;
  return versions.map((version) => {
    const kept = version.stages.filter((one) => one !== stage && (previous === undefined || one !== 'AWSPREVIOUS'));
    const gained = [...(version.id === to ? [stage] : []), ...(version.id === previous ? ['AWSPREVIOUS'] : [])];
    return { ...version, stages: [...kept, ...gained] };
  });
}
