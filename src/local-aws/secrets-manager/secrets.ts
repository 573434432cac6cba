import { randomInt } from 'node:crypto';
import Type from 'typebox';
import { type Call, seconds } from '../call.ts';
import { authorize, type Context } from '../enforcement/authorize.ts';
import { AwsError, invalidParameter, invalidRequest, validationError } from '../protocol/errors.ts';
import { type Operation, operation, optional, text } from '../protocol/input.ts';
import type { SecretRecord } from '../records.ts';
import { reencrypted, validateKeyAccess } from './encryption.ts';
import { secretSummary, versionsToStages } from './list.ts';
import {
  AddReplicaRegions,
  addReplicas,
  ForceOverwriteReplicaSecret,
  replicaContext,
  replicationOf,
} from './replicas.ts';
import {
  authorizedSecret,
  type LocatedSecret,
  refuseDeleted,
  refuseUnchangeable,
  removeSecret,
  SecretId,
  saveSecret,
  secretArn,
  secretKey,
} from './secret-record.ts';
import { Tags, tagContext, withTags } from './tags.ts';
import { ClientRequestToken, SecretBinary, SecretString } from './values.ts';
import { addVersion } from './versions.ts';

const Description = optional(text(0, 2048));
const KmsKeyId = optional(text(0, 2048));
const CreateSecretInput = Type.Object({
  Name: text(1, 512),
  ClientRequestToken,
  Description,
  KmsKeyId,
  SecretString,
  SecretBinary,
  Tags: optional(Tags),
  AddReplicaRegions: optional(AddReplicaRegions),
  ForceOverwriteReplicaSecret,
});
const DAY = 86_400_000;

/** Secrets that an AWS service manages are named after it: `rds!db-…` (User Guide, "Secrets managed by other services"). */
const owningServiceOf = (name: string): { owningService?: string } => {
  const service = /^([a-z][a-z0-9-]*)!/.exec(name)?.[1];
  return service === undefined ? {} : { owningService: service };
};

/** A secret's life. Source: Secrets Manager API Reference. */
export const secretOperations: Record<string, Operation<Call>> = {
  CreateSecret: operation(CreateSecretInput, (call: Call, input) => {
    const { Name: name, Tags: tags = [], AddReplicaRegions: regions } = input;
    const { region, partition, store } = call;
    const { account } = call.caller;
    if (!/^[A-Za-z0-9/_+=.@!-]+$/.test(name)) {
      throw validationError(
        'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
      );
    }
    authorize(
      call,
      call.action,
      { arn: secretArn({ partition, region, account }, name), account, policy: null },
      {
        'secretsmanager:Name': name,
        ...requested(input),
        ...tagContext(tags),
        ...replicaContext(input),
      },
    );
    const key = secretKey(account, region, name);
    const existing = store.get('secret', store.get('replica', key) ?? key);
    if (existing !== undefined) return repeatedCreation(call, existing, input);
    const created: SecretRecord = {
      account,
      partition,
      primaryRegion: region,
      name,
      suffix: newSuffix(),
      ...described(input),
      tags: withTags([], tags),
      createdAt: call.now.getTime(),
      changedAt: call.now.getTime(),
      versions: [],
      policy: null,
      replicas: [],
      ...owningServiceOf(name),
    };
    const arn = secretArn({ partition, region, account }, `${name}-${created.suffix}`);
    if (input.KmsKeyId) validateKeyAccess(call, { record: created, region, arn });
    saveSecret(call, created);
    const hasValue = input.SecretString !== undefined || input.SecretBinary !== undefined;
    const first = hasValue ? addVersion(call, { record: created, region, arn }, input) : undefined;
    const record = addReplicas(
      call,
      { record: first?.record ?? created, region, arn },
      regions ?? [],
      input.ForceOverwriteReplicaSecret,
    );
    saveSecret(call, record);
    return { ARN: arn, Name: name, ...(first && { VersionId: first.version.id }), ...replicationOf(record) };
  }),

  DescribeSecret: operation(Type.Object({ SecretId }), (call: Call, input) => {
    const { record, arn, region } = authorizedSecret(call, input.SecretId);
    return {
      ARN: arn,
      ...secretSummary(record, region),
      ...replicationOf(record),
      VersionIdsToStages: versionsToStages(record),
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
      const secret = authorizedSecret(call, id, {
        'secretsmanager:RecoveryWindowInDays': String(days ?? 30),
        'secretsmanager:ForceDeleteWithoutRecovery': String(force),
      });
      if (force && days !== undefined) {
        throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
      }
      if (days !== undefined && (days < 7 || days > 30)) {
        throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
      }
      if (!force) refuseDeleted(secret);
      refuseUnchangeable(secret);
      const { record, arn } = secret;
      const replicated = record.replicas.filter(({ status }) => status === 'InSync').map(({ region }) => region);
      if (replicated.length > 0) {
        throw invalidParameter(
          `You can't delete secret ${record.name} that still has replica regions [${replicated.join(', ')}]`,
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

/** CreateSecret again with the same token and value is the same request; anything else under the name is refused. */
function repeatedCreation(
  call: Call,
  existing: SecretRecord,
  input: { Name: string; ClientRequestToken?: string; SecretString?: string },
) {
  if (existing.deletedAt !== undefined) {
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  const version = existing.versions.find(({ id }) => id === input.ClientRequestToken);
  if (version === undefined || version.string !== input.SecretString) {
    throw new AwsError(
      'ResourceExistsException',
      `The operation failed because the secret ${input.Name} already exists.`,
    );
  }
  const arn = secretArn({ ...existing, region: call.region }, `${existing.name}-${existing.suffix}`);
  return { ARN: arn, Name: existing.name, VersionId: version.id, ...replicationOf(existing) };
}

/** The record once its key has changed, and its versions with it. */
function withKey(call: Call, before: LocatedSecret, record: SecretRecord): SecretRecord {
  const after = { ...before, record };
  validateKeyAccess(call, after);
  return { ...record, versions: reencrypted(call, before, after) };
}

type Describing = { Description?: string; KmsKeyId?: string };

const described = ({ Description: description, KmsKeyId: kmsKeyId }: Describing) => ({
  ...(description === undefined ? {} : { description }),
  ...(kmsKeyId === undefined || kmsKeyId === '' ? {} : { kmsKeyId }),
});

const requested = ({ Description: description, KmsKeyId: kmsKeyId }: Describing): Context => ({
  ...(description === undefined ? {} : { 'secretsmanager:Description': description }),
  ...(kmsKeyId === undefined ? {} : { 'secretsmanager:KmsKeyId': kmsKeyId }),
});

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const newSuffix = (): string => Array.from({ length: 6 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
