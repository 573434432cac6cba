import type { SecretAction } from './actions.ts';

/** What Secrets Manager asks of a secret's key in the name of its caller. */
export type KeyUse = 'kms:Decrypt' | 'kms:GenerateDataKey';

/**
 * `asked`: without it the call fails. `documented`: AWS's documents demand it too, or leave open whether it is asked for,
 * so that only who has it is sure.
 */
export type KeyUses = { asked: readonly KeyUse[]; documented: readonly KeyUse[] };

const NONE: KeyUses = { asked: [], documented: [] };
const READS: KeyUses = { asked: ['kms:Decrypt'], documented: [] };
const WRITES: KeyUses = { asked: ['kms:GenerateDataKey'], documented: ['kms:Decrypt'] };
/** What it encrypts is under the key of the new replica, which is not this one. */
const REPLICATES: KeyUses = { asked: [], documented: ['kms:Decrypt'] };
const MAY_DO_BOTH: KeyUses = { asked: [], documented: ['kms:Decrypt', 'kms:GenerateDataKey'] };

/**
 * Source: Secrets Manager User Guide, "Secret encryption and decryption" ("Permissions for the KMS key"), and API
 * Reference, "Required permissions" of PutSecretValue, UpdateSecret and ReplicateSecretToRegions.
 */
const USES: Record<SecretAction, KeyUses> = {
  'secretsmanager:*': { asked: ['kms:Decrypt', 'kms:GenerateDataKey'], documented: [] },
  'secretsmanager:BatchGetSecretValue': READS,
  'secretsmanager:CancelRotateSecret': NONE,
  'secretsmanager:DeleteResourcePolicy': NONE,
  'secretsmanager:DeleteSecret': NONE,
  'secretsmanager:DescribeSecret': NONE,
  'secretsmanager:GetResourcePolicy': NONE,
  'secretsmanager:GetSecretValue': READS,
  'secretsmanager:ListSecretVersionIds': NONE,
  'secretsmanager:PutResourcePolicy': NONE,
  'secretsmanager:PutSecretValue': WRITES,
  'secretsmanager:RemoveRegionsFromReplication': NONE,
  'secretsmanager:ReplicateSecretToRegions': REPLICATES,
  'secretsmanager:RestoreSecret': NONE,
  'secretsmanager:RotateSecret': MAY_DO_BOTH,
  'secretsmanager:StopReplicationToReplica': NONE,
  'secretsmanager:TagResource': NONE,
  'secretsmanager:UntagResource': NONE,
  'secretsmanager:UpdateSecret': WRITES,
  'secretsmanager:UpdateSecretVersionStage': NONE,
  'secretsmanager:ValidateResourcePolicy': NONE,
};

const ORDER: readonly KeyUse[] = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** What some actions on a secret make of its key, together. */
export function keyUsesOf(actions: readonly string[]): KeyUses {
  const uses = actions.map((action) => (action in USES ? USES[action as SecretAction] : MAY_DO_BOTH));
  const asked = ORDER.filter((use) => uses.some((one) => one.asked.includes(use)));
  const documented = ORDER.filter((use) => !asked.includes(use) && uses.some((one) => one.documented.includes(use)));
  return { asked, documented };
}

/** All that makes it certain. */
export const allUses = ({ asked, documented }: KeyUses): KeyUse[] =>
  ORDER.filter((use) => asked.includes(use) || documented.includes(use));

/** Whether one of these actions makes KMS encrypt or decrypt for the caller, or may. */
export const needsKey = (actions: readonly string[]): boolean => allUses(keyUsesOf(actions)).length > 0;

/** Those that work on a replica too: all others are for the primary (User Guide, "Replicate secrets across Regions"). */
const ON_REPLICAS: readonly string[] = [
  'secretsmanager:*',
  'secretsmanager:BatchGetSecretValue',
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetResourcePolicy',
  'secretsmanager:GetSecretValue',
  'secretsmanager:ListSecretVersionIds',
];

export const onReplicas = (actions: readonly string[]): string[] =>
  actions.filter((action) => ON_REPLICAS.includes(action));

/** Of a replica's key: it is never written to. */
export function keyUsesOnReplicas(actions: readonly string[]): KeyUses {
  const { asked } = keyUsesOf(onReplicas(actions));
  return { asked: asked.filter((use) => use === 'kms:Decrypt'), documented: [] };
}
