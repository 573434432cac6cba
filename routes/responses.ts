import type { TSchema } from 'typebox';
import type { ExampleCode } from '../src/problems/examples.ts';
import { PendingChange } from './approvals/schemas.ts';
import { Change, ref } from './schemas.ts';

/** `codes` are those of which the document shows an example (plugins/openapi/examples.ts). */
export const problem = (description: string, ...codes: ExampleCode[]) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: 'Problem#' }, codes } },
});

/** What any call may answer, also one that needs no identity. */
export const refusals = {
  400: problem('The request is not valid', 'validation-failed'),
};

/** What any call that needs an identity may answer. */
const always = {
  ...refusals,
  401: problem('No valid credentials', 'unauthenticated'),
  403: problem('A guardrail forbids it', 'forbidden'),
  429: problem('Too many requests', 'rate-limited'),
  500: problem('Something broke in this service', 'internal-error'),
  502: problem('AWS refuses this service, or failed', 'aws-access-denied'),
  503: problem('Try again later: Retry-After says when', 'aws-throttled'),
};

const change = (description: string) => ({
  description,
  content: { 'application/json': { schema: ref(Change) } },
});

export const answers = (schema: TSchema, { notFound = 'secret-not-found' }: { notFound?: ExampleCode } = {}) => ({
  200: { description: 'OK', content: { 'application/json': { schema } } },
  ...always,
  404: problem('No such thing', notFound),
});

/** What any call may answer whose method may bear a body, also where it takes none. */
export const bodyRefusals = {
  413: problem('The body is too large', 'body-too-large'),
  415: problem('Not JSON', 'unsupported-media-type'),
};

/** The answers of a call that takes a body and changes nothing. */
export const answersToBody = (schema: TSchema) => ({
  ...answers(schema),
  ...bodyRefusals,
  422: problem('AWS would never take it', 'partition-mismatch'),
});

/** The answers of a mutation; `created` where it makes a share, denial or restriction. */
export const changes = ({
  created = false,
  notFound = 'secret-not-found',
}: {
  created?: boolean;
  notFound?: ExampleCode;
} = {}) => ({
  200: change(created ? 'It was so already, or a dry run' : 'Done'),
  ...(created && {
    201: {
      ...change('Made'),
      headers: { Location: { type: 'string', description: 'The new resource' } },
    },
  }),
  202: {
    description: 'A guardrail wants a second person: it waits in /v1/approvals',
    content: { 'application/json': { schema: ref(PendingChange) } },
    headers: { Location: { type: 'string', description: 'The approval' } },
  },
  ...always,
  404: problem('No such thing', notFound),
  409: problem(
    'The secret can’t be changed as it is, or the first request with this key still runs',
    'secret-pending-deletion',
    'secret-managed-by-service',
    'secret-is-replica',
    'idempotency-in-flight',
  ),
  412: problem('The policy is another by now', 'policy-changed'),
  ...bodyRefusals,
  422: problem(
    'AWS would not take it, or it would not do what you want',
    'principal-not-found',
    'kms-key-not-shareable',
    'escalation-not-acknowledged',
    'policy-too-large',
    'policy-locks-out-caller',
    'policy-public',
    'policy-malformed',
    'partition-mismatch',
    'idempotency-key-reused',
  ),
  428: problem('Say which policy you saw', 'precondition-required'),
});

/** The answers of a call that begins what goes on in the background. */
export const begins = (schema: TSchema) => ({
  202: {
    description: 'Begun',
    content: { 'application/json': { schema } },
    headers: { Location: { type: 'string', description: 'Where it says how far it is' } },
  },
  ...always,
  409: problem('The first request with this key still runs', 'idempotency-in-flight'),
  ...bodyRefusals,
  422: problem('The key belongs to another request', 'idempotency-key-reused'),
});

/** The answers to a decision on a change that waits. */
export const decisions = (schema: TSchema) => ({
  ...answersToBody(schema),
  404: problem('No such thing', 'approval-not-found'),
  409: problem('It was decided already, or the secret can’t be changed as it is', 'approval-closed'),
  412: problem('The policy is another than the one that the change was asked for', 'policy-changed'),
});
