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

/** Looks at a secret again for the estate, which has those too that are to be deleted. Its policy may be one that can't be read. */
export const looksAgain: Codes = [...looksAtSecret, 'policy-unreadable'];

/** Looks at its policy; of a secret that is to be deleted AWS shows none. */
export const looksAtPolicy: Codes = [...looksAgain, 'secret-pending-deletion'];

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

/** Attaches one that AWS validates first: a Deny, or a document that is not ours. */
export const attachesValidated: Codes = [...attachesPolicy, 'policy-locks-out-caller'];

/** It names somebody whom the caller named; what was asked before, or stood there before, was held to that then. */
const names: Codes = ['principal-not-nameable'];

/** Attaches what the caller says, of a kind that AWS validates first. */
export const attachesNamed: Codes = [...attachesValidated, ...names];

/** Shares: the key must be one that other accounts can use. */
export const shares: Codes = [...attachesPolicy, ...names, 'kms-key-not-shareable', 'escalation-not-acknowledged'];

/** Takes a share away, which lets nobody in. */
export const revokesShare: Codes = attachesPolicy.filter((code) => code !== 'held-by-incident');
