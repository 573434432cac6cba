import type { Call } from '../call.ts';
import type { Operation } from '../protocol/input.ts';
import { secretListOperations } from './list.ts';
import { secretPolicyOperations } from './policies.ts';
import { secretReplicaOperations } from './replicas.ts';
import { secretOperations } from './secrets.ts';
import { secretTagOperations } from './tags.ts';
import { secretValueOperations } from './values.ts';

/** AWS Secrets Manager. */
export const secretsManagerOperations: Record<string, Operation<Call>> = {
  ...secretOperations,
  ...secretValueOperations,
  ...secretPolicyOperations,
  ...secretTagOperations,
  ...secretReplicaOperations,
  ...secretListOperations,
};
