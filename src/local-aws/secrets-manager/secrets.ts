import Type from 'typebox';
import { type Call, seconds } from '../call.ts';
import { invalidParameter } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional } from '../protocol/input.ts';
import type { SecretRecord } from '../records.ts';
import { Description, described, KmsKeyId, newSuffix, requested } from './create-secret.ts';
import { reencrypted, validateKeyAccess } from './encryption.ts';
import { secretSummary, versionsToStages } from './list.ts';
import { replicationOf } from './replicas.ts';
import {
  authorizedSecret,
  authorizedSecretIfAny,
  type LocatedSecret,
  refuseDeleted,
  refuseUnchangeable,
  removeSecret,
  SecretId,
  saveSecret,
  secretArn,
} from './secret-record.ts';
import { ClientRequestToken, SecretBinary, SecretString } from './values.ts';
import { addVersion } from './versions.ts';

const DAY = 86_400_000;

/** A secret's life after its creation. Source: Secrets Manager API Reference. */
export const secretOperations: Record<string, AwsOperation<Call>> = {
  DescribeSecret: operation(Type.Object({ SecretId }), (call: Call, input) => {
    const { record, arn, region } = authorizedSecret(call, input.SecretId);
    return {
      ARN: arn,
      ...secretSummary(record, region),
      ...replicationOf(record),
      ...versionsToStages(record, 'VersionIdsToStages'),
    };
  }),

  UpdateSecret: operation(
    Type.Object({ SecretId, ClientRequestToken, Description, KmsKeyId, SecretString, SecretBinary }),
    (call: Call, input) => {
      const secret = authorizedSecret(call, input.SecretId, requested(input));
      refuseDeleted(secret);
      refuseUnchangeable(secret);
      const next = { ...secret.record, ...described(input), changedAt: call.now.getTime() };
      if (input.KmsKeyId === '') delete next.kmsKeyId;
      const record = input.KmsKeyId === undefined ? next : withKey(call, secret, next);
      saveSecret(call, record);
      const answer = { ARN: secret.arn, Name: record.name };
      if (input.SecretString === undefined && input.SecretBinary === undefined) return answer;
      return { ...answer, VersionId: addVersion(call, { ...secret, record }, input).version.id };
    },
  ),

  DeleteSecret: operation(
    Type.Object({
      SecretId,
      RecoveryWindowInDays: optional(Type.Integer()),
      ForceDeleteWithoutRecovery: optional(Type.Boolean()),
    }),
    (call: Call, { SecretId: id, RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force = false }) => {
      const find = force ? authorizedSecretIfAny : authorizedSecret;
      const secret = find(call, id, {
        'secretsmanager:RecoveryWindowInDays': String(days ?? 30),
        'secretsmanager:ForceDeleteWithoutRecovery': String(force),
      });
      if (days !== undefined && (days < 7 || days > 30)) {
        throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
      }
      if (force && days !== undefined) {
        throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
      }
      if (secret === undefined) return deletedAnyway(call, id);
      if (!force) refuseDeleted(secret);
      refuseUnchangeable(secret);
      const { record, arn } = secret;
      const replicated = record.replicas.filter(({ status }) => status === 'InSync').map(({ region }) => region);
      if (replicated.length > 0) {
        throw invalidParameter(
          `You can't delete secret ${arn} that still has replica regions [${replicated.join(', ')}].`,
        );
      }
      const deletedAt = call.now.getTime() + (force ? 0 : (days ?? 30) * DAY);
      if (force) removeSecret(call, record);
      else saveSecret(call, { ...record, deletedAt });
      return { ARN: arn, Name: record.name, DeletionDate: seconds(deletedAt) };
    },
  ),

  RestoreSecret: operation(Type.Object({ SecretId }), (call: Call, input) => {
    const secret = authorizedSecret(call, input.SecretId);
    refuseUnchangeable(secret);
    const { deletedAt: _, ...record } = secret.record;
    saveSecret(call, record);
    return { ARN: secret.arn, Name: record.name };
  }),
};

/** "A previously deleted or nonexistent secret" is no error of a forced deletion (API Reference, DeleteSecret). */
function deletedAnyway(call: Call, id: string) {
  const place = { ...call, account: call.caller.account };
  const arn = id.startsWith('arn:') ? id : secretArn(place, `${id}-${newSuffix()}`);
  return { ARN: arn, Name: arn.split(':secret:')[1]?.slice(0, -7), DeletionDate: seconds(call.now.getTime()) };
}

/** The record once its key has changed, and its versions with it. */
function withKey(call: Call, before: LocatedSecret, record: SecretRecord): SecretRecord {
  const after = { ...before, record };
  validateKeyAccess(call, after);
  return { ...record, versions: reencrypted(call, before, after) };
}
