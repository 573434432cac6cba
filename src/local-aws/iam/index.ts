import type { Call } from '../call.ts';
import type { Operation } from '../protocol/input.ts';
import { iamPolicyOperations } from './policies.ts';
import { iamPrincipalOperations } from './principals.ts';

/** AWS Identity and Access Management: users, roles, their inline policies and boundaries. */
export const iamOperations: Record<string, Operation<Call>> = {
  ...iamPrincipalOperations,
  ...iamPolicyOperations,
};
