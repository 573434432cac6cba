import type { Call } from '../call.ts';
import type { AwsOperation } from '../protocol/input.ts';
import { aliasOperations } from './aliases.ts';
import { grantOperations } from './grants/operations.ts';
import { retiringOperations } from './grants/retiring.ts';
import { keyOperations } from './key-operations.ts';
import { keyPolicyOperations } from './key-policies.ts';
import { keyStateOperations } from './key-states.ts';
import { keyTagOperations } from './key-tags.ts';

/** AWS Key Management Service, as far as secrets need it. Source: KMS API Reference. */
export const kmsOperations: Record<string, AwsOperation<Call>> = {
  ...keyOperations,
  ...keyPolicyOperations,
  ...keyStateOperations,
  ...keyTagOperations,
  ...aliasOperations,
  ...grantOperations,
  ...retiringOperations,
};
