import { randomInt } from 'node:crypto';
import Type from 'typebox';
import type { Call } from '../call.ts';
import { authorize, type Context } from '../enforcement/authorize.ts';
import { AwsError, invalidRequest } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import type { SecretRecord } from '../records.ts';
import { validateKeyAccess } from './encryption.ts';
import {
  AddReplicaRegions,
  addReplicas,
  ForceOverwriteReplicaSecret,
  replicaContext,
  replicationStatusOf,
} from './replicas.ts';
import { refuseInvalidName, saveSecret, secretArn, secretKey } from './secret-record.ts';
import { Tags, tagContext, withTags } from './tags.ts';
import { ClientRequestToken, SecretBinary, SecretString } from './values.ts';
import { addVersion, isValueOf, type NewValue, tokenInUse } from './versions.ts';

export const Description = optional(text(0, 2048));
export const KmsKeyId = optional(text(0, 2048));
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

/** Source: Secrets Manager API Reference, CreateSecret. */
export const secretCreation: Record<string, AwsOperation<Call>> = {
  CreateSecret: operation(CreateSecretInput, (call: Call, input) => {
    const { Name: name, Tags: tags = [], AddReplicaRegions: regions } = input;
    const { region, partition, store } = call;
    const { account } = call.caller;
    refuseInvalidName(name);
    const target = { arn: secretArn({ partition, region, account }, name), account, policy: null };
    const context = {
      'secretsmanager:Name': name,
      ...requested(input),
      ...tagContext(tags),
      ...replicaContext(input),
    };
    for (const action of creationActions(call, tags, regions)) authorize(call, action, target, context);
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
      ...(input.Tags && { tags: withTags([], input.Tags) }),
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
    return { ARN: arn, Name: name, ...(first && { VersionId: first.version.id }), ...replicationStatusOf(record) };
  }),
};

/** Secrets that an AWS service manages are named after it: `rds!db-…` (User Guide, "Secrets managed by other services"). */
const owningServiceOf = (name: string): { owningService?: string } => {
  const service = /^([a-z][a-z0-9-]*)!/.exec(name)?.[1];
  return service === undefined ? {} : { owningService: service };
};

/** Source: Secrets Manager API Reference, CreateSecret, "Required permissions". */
const creationActions = (call: Call, tags: readonly object[], regions: readonly object[] = []): string[] => [
  call.action,
  ...(tags.length > 0 ? ['secretsmanager:TagResource'] : []),
  ...(regions.length > 0 ? ['secretsmanager:ReplicateSecretToRegions'] : []),
];

/** CreateSecret again with the same token and value is the same request; anything else under the name is refused. */
function repeatedCreation(call: Call, existing: SecretRecord, input: NewValue & { Name: string }) {
  if (existing.deletedAt !== undefined) {
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  const version = existing.versions.find(({ id }) => id === input.ClientRequestToken);
  if (version === undefined) {
    throw new AwsError(
      'ResourceExistsException',
      `The operation failed because the secret ${input.Name} already exists.`,
    );
  }
  const arn = secretArn({ ...existing, region: call.region }, `${existing.name}-${existing.suffix}`);
  if (!isValueOf(version, input)) throw tokenInUse(version.id, arn);
  return { ARN: arn, Name: existing.name, VersionId: version.id, ...replicationStatusOf(existing) };
}

type Describing = { Description?: string; KmsKeyId?: string };

export const described = ({ Description: description, KmsKeyId: kmsKeyId }: Describing) => ({
  ...(description === undefined ? {} : { description }),
  ...(kmsKeyId === undefined || kmsKeyId === '' ? {} : { kmsKeyId }),
});

export const requested = ({ Description: description, KmsKeyId: kmsKeyId }: Describing): Context => ({
  ...(description === undefined ? {} : { 'secretsmanager:Description': description }),
  ...(kmsKeyId === undefined ? {} : { 'secretsmanager:KmsKeyId': kmsKeyId }),
});

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** The six characters that Secrets Manager adds to a name. */
export const newSuffix = (): string => Array.from({ length: 6 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
