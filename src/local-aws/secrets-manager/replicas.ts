import Type, { type Static } from 'typebox';
import { partitionOfRegion } from '../../policy/arn.ts';
import type { Call } from '../call.ts';
import { invalidParameter } from '../protocol/errors.ts';
import { type Operation, operation, optional, text } from '../protocol/input.ts';
import type { ReplicaStatus, SecretRecord } from '../records.ts';
import { replicationFault } from './encryption.ts';
import {
  authorizedSecret,
  type LocatedSecret,
  refuseDeleted,
  refuseUnchangeable,
  SecretId,
  saveSecret,
  secretKey,
} from './secret-record.ts';

export const AddReplicaRegions = Type.Array(
  Type.Object({ Region: text(1, 128, String.raw`^([a-z]+-)+\d+$`), KmsKeyId: optional(text(0, 2048)) }),
  { minItems: 1 },
);

/**
 * Source: Secrets Manager API Reference, ReplicateSecretToRegions. A replica is the same record shown in another
 * Region: value, tags and policy follow the primary at once.
 */
export const secretReplicaOperations: Record<string, Operation<Call>> = {
  ReplicateSecretToRegions: operation(Type.Object({ SecretId, AddReplicaRegions }), (call: Call, input) => {
    const secret = authorizedSecret(call, input.SecretId, {
      'secretsmanager:AddReplicaRegions': input.AddReplicaRegions.map(({ Region }) => Region),
    });
    refuseDeleted(secret);
    refuseUnchangeable(secret);
    const record = addReplicas(call, secret, input.AddReplicaRegions);
    saveSecret(call, record);
    return { ARN: secret.arn, ReplicationStatus: record.replicas.map(shownReplica) };
  }),
};

/**
 * The record with further replicas, which are registered in their Regions; a name taken there, or a key that can't be
 * used, makes one "Failed".
 */
export function addReplicas(
  call: Call,
  secret: LocatedSecret,
  regions: Static<typeof AddReplicaRegions>,
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

/** Members of DescribeSecret, CreateSecret and ListSecrets for a secret that has replicas; none for others. */
export const replicationOf = ({ primaryRegion, replicas }: SecretRecord) =>
  replicas.length === 0 ? {} : { PrimaryRegion: primaryRegion, ReplicationStatus: replicas.map(shownReplica) };

const shownReplica = ({ region, kmsKeyId, status, message }: ReplicaStatus) => ({
  Region: region,
  KmsKeyId: kmsKeyId ?? 'alias/aws/secretsmanager',
  Status: status,
  ...(message === undefined ? {} : { StatusMessage: message }),
});
