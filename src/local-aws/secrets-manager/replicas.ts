import Type, { type Static } from 'typebox';
import { partitionOfRegion } from '../../policy/arn.ts';
import type { Call } from '../call.ts';
import { invalidParameter, invalidRequest } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import type { ReplicaStatus, SecretRecord } from '../records.ts';
import { replicationFault } from './encryption.ts';
import {
  authorizedSecret,
  type LocatedSecret,
  refuseDeleted,
  refuseUnchangeable,
  removeSecret,
  SecretId,
  saveSecret,
  secretKey,
} from './secret-record.ts';

const Region = text(1, 128, String.raw`^([a-z]+-)+\d+$`);
export const ForceOverwriteReplicaSecret = optional(Type.Boolean());
export const AddReplicaRegions = Type.Array(Type.Object({ Region, KmsKeyId: optional(text(0, 2048)) }), {
  minItems: 1,
});

/**
 * Source: Secrets Manager API Reference. A replica is the same record shown in another
 * Region: value, tags and policy follow the primary at once.
 */
export const secretReplicaOperations: Record<string, AwsOperation<Call>> = {
  ReplicateSecretToRegions: operation(
    Type.Object({ SecretId, AddReplicaRegions, ForceOverwriteReplicaSecret }),
    (call: Call, input) => {
      const secret = authorizedSecret(call, input.SecretId, replicaContext(input));
      refuseDeleted(secret);
      refuseUnchangeable(secret);
      const record = addReplicas(call, secret, input.AddReplicaRegions, input.ForceOverwriteReplicaSecret);
      saveSecret(call, record);
      return { ARN: secret.arn, ReplicationStatus: record.replicas.map(shownReplica) };
    },
  ),

  RemoveRegionsFromReplication: operation(
    Type.Object({ SecretId, RemoveReplicaRegions: Type.Array(Region, { minItems: 1 }) }),
    (call: Call, input) => {
      const secret = authorizedSecret(call, input.SecretId);
      refuseDeleted(secret);
      refuseUnchangeable(secret);
      const record = input.RemoveReplicaRegions.reduce(
        (rest, region) => withoutReplica(call, rest, region),
        secret.record,
      );
      saveSecret(call, { ...record, changedAt: call.now.getTime() });
      return { ARN: secret.arn, ReplicationStatus: record.replicas.map(shownReplica) };
    },
  ),

  StopReplicationToReplica: operation(Type.Object({ SecretId }), (call: Call, input) => {
    const { record, region, arn } = authorizedSecret(call, input.SecretId);
    refuseDeleted({ record, region, arn });
    const replica = record.replicas.find((one) => one.region === region);
    if (replica === undefined) {
      throw invalidRequest(
        "Operation only permitted on a replica secret. Call must be made in the replica secret's region.",
      );
    }
    saveSecret(call, { ...withoutReplica(call, record, region), changedAt: call.now.getTime() });
    saveSecret(call, promoted(record, region, replica));
    return { ARN: arn };
  }),
};

export const replicaContext = (input: {
  AddReplicaRegions?: Static<typeof AddReplicaRegions>;
  ForceOverwriteReplicaSecret?: boolean;
}) =>
  input.AddReplicaRegions === undefined
    ? {}
    : {
        'secretsmanager:AddReplicaRegions': input.AddReplicaRegions.map(({ Region: region }) => region),
        'secretsmanager:ForceOverwriteReplicaSecret': String(input.ForceOverwriteReplicaSecret ?? false),
      };

function withoutReplica(call: Call, record: SecretRecord, region: string): SecretRecord {
  const replica = record.replicas.find((one) => one.region === region);
  if (replica?.status === 'InSync') call.store.delete('replica', secretKey(record.account, region, record.name));
  return { ...record, replicas: record.replicas.filter((one) => one !== replica) };
}

/** The replica as a secret of its own: the same ARN, value, tags and policy, under the key that it has there. */
function promoted(
  { kmsKeyId: _, rotation: __, ...record }: SecretRecord,
  region: string,
  replica: ReplicaStatus,
): SecretRecord {
  const versions = record.versions.map(({ keys: ___, ...version }) => version);
  const key = replica.kmsKeyId === undefined ? {} : { kmsKeyId: replica.kmsKeyId };
  return { ...record, ...key, versions, primaryRegion: region, replicas: [] };
}

/**
 * The record with further replicas, which are registered in their Regions; a name taken there, or a key that can't be
 * used, makes one "Failed".
 */
export function addReplicas(
  call: Call,
  secret: LocatedSecret,
  regions: Static<typeof AddReplicaRegions>,
  overwrite = false,
): SecretRecord {
  const { record } = secret;
  if (regions.length === 0) return record;
  const { account, name, primaryRegion, partition } = record;
  const replicas = new Map(record.replicas.map((replica) => [replica.region, replica]));
  for (const { Region: region, KmsKeyId: kmsKeyId } of regions) {
    if (region === primaryRegion || partitionOfRegion(region) !== partition)
      throw invalidParameter('Invalid replica region.');
    const key = secretKey(account, region, name);
    const own = replicas.get(region)?.status === 'InSync';
    if (overwrite && !own) removeStandalone(call, key);
    const taken = !own && (call.store.get('secret', key) ?? call.store.get('replica', key)) !== undefined;
    const fault = taken
      ? `Replication failed: Secret name ${name} already exists in region ${region}.`
      : replicationFault(call, secret, region, kmsKeyId || undefined);
    if (fault === null) call.store.put('replica', key, secretKey(account, primaryRegion, name));
    replicas.set(region, {
      region,
      ...(kmsKeyId ? { kmsKeyId } : {}),
      ...(fault === null ? { status: 'InSync' } : { status: 'Failed', message: fault }),
    });
  }
  return { ...record, replicas: [...replicas.values()], changedAt: call.now.getTime() };
}

/** ForceOverwriteReplicaSecret: a secret of that name gives way, unless it is a replica itself or has replicas. */
function removeStandalone(call: Call, key: string): void {
  const record = call.store.get('secret', key);
  if (record !== undefined && record.replicas.length === 0) removeSecret(call, record);
}

/** Members of DescribeSecret for a secret that has replicas; none for others. */
export const replicationOf = (record: SecretRecord) =>
  record.replicas.length === 0 ? {} : { PrimaryRegion: record.primaryRegion, ...replicationStatusOf(record) };

/** The same of CreateSecret, which does not repeat the Region that was asked. */
export const replicationStatusOf = ({ replicas }: SecretRecord) =>
  replicas.length === 0 ? {} : { ReplicationStatus: replicas.map(shownReplica) };

const shownReplica = ({ region, kmsKeyId, status, message }: ReplicaStatus) => ({
  Region: region,
  KmsKeyId: kmsKeyId ?? 'alias/aws/secretsmanager',
  Status: status,
  ...(message === undefined ? {} : { StatusMessage: message }),
});
