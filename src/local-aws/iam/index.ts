import type { Call } from '../call.ts';
import type { AwsOperation } from '../protocol/input.ts';
import { iamAccessKeyOperations } from './access-keys.ts';
import { iamGroupOperations } from './groups.ts';
import { iamManagedPolicyOperations } from './managed-policies.ts';
import { iamPolicyOperations } from './policies.ts';
import { iamPrincipalOperations } from './principals.ts';

/** AWS Identity and Access Management: users, roles and groups, their inline and managed policies, and boundaries. */
export const iamOperations: Record<string, AwsOperation<Call>> = {
  ...iamPrincipalOperations,
  ...iamAccessKeyOperations,
  ...iamPolicyOperations,
  ...iamManagedPolicyOperations,
  ...iamGroupOperations,
};
