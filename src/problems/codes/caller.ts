import { problem, usually } from '../row.ts';

/** Who calls, what it may do, how often, and how it protects itself from repeating or overwriting. */
export const callerProblems = {
  unauthenticated: problem({
    status: 401,
    title: 'Who are you?',
    what: 'The request carries no valid credentials: none, expired ones, or ones for somebody else.',
    todo: 'Send a bearer token or an API key, as the service is set up. In Swagger UI: Authorize.',
    detail: (facts: { missing: 'token' | 'apiKey' } | { why: string }) => {
      if ('why' in facts) return facts.why;
      return facts.missing === 'token'
        ? 'A bearer token is needed: Authorization: Bearer TOKEN.'
        : 'An API key is needed: x-api-key: KEY.';
    },
    example: { missing: 'token' },
  }),
  forbidden: problem({
    status: 403,
    title: 'You may not do this',
    what: 'A guardrail of this service forbids it, or none permits it. `policies` names those that forbade it.',
    todo: 'Ask whoever owns the guardrails, or ask for less: fewer actions, an expiry, a reason and a ticket.',
    detail: (facts: { action: string; policies: readonly string[] } | { why: string }) => {
      if ('why' in facts) return facts.why;
      return facts.policies.length > 0
        ? `You may not do this (${facts.action}). It is forbidden by: ${facts.policies.join(', ')}.`
        : `You may not do this (${facts.action}). No guardrail permits it: the caller lacks the scope.`;
    },
    members: (facts) => ({ policies: 'policies' in facts ? facts.policies : [] }),
    example: { action: 'share', policies: ['teams-own-secrets'] },
  }),
  'idempotency-in-flight': problem({
    status: 409,
    title: 'The first request is still running',
    what: 'A request with this Idempotency-Key has not been answered yet.',
    todo: 'Wait, then send the same request with the same key: you get its answer.',
    retry: 1,
    detail: () => 'The first request with this Idempotency-Key still runs.',
    example: {},
  }),
  'policy-changed': problem({
    status: 412,
    title: 'The policy is no longer the one that you saw',
    what: 'Somebody changed the policy after you read it; If-Match did not hold.',
    todo: 'Read it again, look at the difference, and repeat the change with the new ETag.',
    detail: (_: { etag: string }) =>
      'The policy is no longer the one that you saw. Read it again, and repeat the change with its ETag.',
    members: ({ etag }) => ({ etag }),
    example: { etag: '"4LlY3Yd4yXYfZ0a0uGbeEoS2kFUPVQ_9ZQwSfnVEfnI"' },
  }),
  'idempotency-key-reused': problem({
    status: 422,
    title: 'The Idempotency-Key belongs to another request',
    what: 'This key was used within 24 hours for a request that was not the same.',
    todo: 'Take a new key for a new request.',
    detail: () => 'This Idempotency-Key was used for another request.',
    example: {},
  }),
  'precondition-required': problem({
    status: 428,
    title: 'Say which policy you saw',
    what: 'This call replaces a whole policy, so that it must name the one it replaces.',
    todo: 'GET the policy and send its ETag in If-Match (or If-None-Match: * where none is attached).',
    detail: () => 'Send If-Match with the ETag of the policy that you saw (GET …/policy answers with it).',
    example: {},
  }),
  'rate-limited': problem({
    status: 429,
    title: 'Too many requests',
    what: 'You sent more than your share.',
    todo: 'Wait as Retry-After says.',
    retry: 60,
    detail: ({ max, of }: { max: number; of?: string }) =>
      of === undefined
        ? `You sent more than ${max} requests within a minute.`
        : `You have ${max} ${of}, and may have no more.`,
    example: { max: 600 },
  }),
  overloaded: problem({
    status: 503,
    title: 'Too busy, or stopping',
    what: 'The service takes no more work right now.',
    todo: 'Wait as Retry-After says.',
    retry: 2,
    detail: usually('The service has too much to do right now.'),
    example: {},
  }),
};
