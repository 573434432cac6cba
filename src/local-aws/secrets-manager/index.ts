import type { Call } from '../call.ts';
import type { AwsOperation } from '../protocol/input.ts';
import { secretBatchOperations } from './batch.ts';
import { secretCreation } from './create-secret.ts';
import { secretListOperations } from './list.ts';
import { secretPolicyOperations } from './policies.ts';
import { randomPasswordOperations } from './random-password.ts';
import { secretReplicaOperations } from './replicas.ts';
import { secretRotationOperations } from './rotation/operations.ts';
import { secretOperations } from './secrets.ts';
import { secretTagOperations } from './tags.ts';
import { secretValueOperations } from './values.ts';
import { versionStageOperations } from './version-stages.ts';

/** AWS Secrets Manager. */
export const secretsManagerOperations: Record<string, AwsOperation<Call>> = {
  ...secretCreation,
  ...secretOperations,
  ...secretValueOperations,
  ...secretBatchOperations,
  ...versionStageOperations,
  ...secretRotationOperations,
  ...randomPasswordOperations,
  ...secretPolicyOperations,
  ...secretTagOperations,
  ...secretReplicaOperations,
  ...secretListOperations,
};
