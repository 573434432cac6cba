import type { ProblemCode } from '../src/problems/table.ts';

/**
 * What use cases refuse with, by what they do: a route says in `config.refuses` which of it is its own. What any call may
 * answer (who calls, how often, with what body) follows from the route itself: plugins/openapi/refusals.ts.
 */

type Codes = readonly ProblemCode[];

const asksAws: Codes = ['aws-access-denied', 'aws-error', 'aws-throttled', 'aws-unreachable'];

export const listsSecrets: Codes = ['forbidden', ...asksAws];

/** Asks AWS what a secret is, whoever calls; an ARN may name one of another partition. */
const describesSecret: Codes = ['secret-not-found', 'partition-mismatch', ...asksAws];

/** Looks at one secret, under the guardrails. */
export const looksAtSecret: Codes = ['forbidden', ...describesSecret];

/** Looks at its policy, which may be one that can't be read; of a secret that is to be deleted AWS shows none. */
export const looksAtPolicy: Codes = [...looksAtSecret, 'policy-unreadable', 'secret-pending-deletion'];

/** Looks at what the database has. */
export const looksAtDatabase: Codes = ['audit-unavailable'];

/** Begins an operation: whose account a secret is in may have to be asked of AWS. */
export const beginsOperation: Codes = [...looksAtDatabase, 'forbidden'];

/** Takes the policy away. */
export const detachesPolicy: Codes = [
  ...looksAtPolicy,
  'secret-managed-by-service',
  'secret-is-replica',
  'policy-changed',
  'held-by-incident',
  'audit-unavailable',
];

/** Attaches a policy: AWS judges what others wrote in it, too. */
export const attachesPolicy: Codes = [
  ...detachesPolicy,
  'principal-not-found',
  'policy-malformed',
  'policy-public',
  'policy-too-large',
];

/** Attaches one that names somebody whom the caller named. */
export const namesInPolicy: Codes = [...attachesPolicy, 'principal-not-nameable'];

/** Attaches one that AWS validates first: a Deny, or a document that is not ours. */
export const attachesValidated: Codes = [...namesInPolicy, 'policy-locks-out-caller'];

/** Shares: the key must be one that other accounts can use. */
export const shares: Codes = [...namesInPolicy, 'kms-key-not-shareable', 'escalation-not-acknowledged'];
