import type { Call } from './call.ts';
import type { Operation } from './input.ts';
import { secretListOperations } from './secret-list.ts';
import { secretPolicyOperations } from './secret-policies.ts';
import { secretReplicaOperations } from './secret-replicas.ts';
import { secretTagOperations } from './secret-tags.ts';
import { secretValueOperations } from './secret-values.ts';
import { secretOperations } from './secrets.ts';

/** AWS Secrets Manager. */
export const secretsManagerOperations: Record<string, Operation<Call>> = {
  ...secretOperations,
  ...secretValueOperations,
  ...secretPolicyOperations,
  ...secretTagOperations,
  ...secretReplicaOperations,
  ...secretListOperations,
};
