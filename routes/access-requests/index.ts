import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { withOwnSide } from '../../src/access/approvals/access-request.ts';
import type { AccessRequester } from '../../src/access/approvals/request-access.ts';
import type { ApprovalViewer } from '../../src/access/approvals/view-approvals.ts';
import { withExpiry } from '../../src/access/commands/expires-in.ts';
import type { Clock } from '../../src/clock.ts';
import { DomainError } from '../../src/problems/problem.ts';
import { AccessRequest } from '../approvals/schemas.ts';
import { IdempotencyHeader } from '../parameters.ts';
import { looksAtDatabase, looksAtSecret } from '../refusals.ts';
import { answers, begins } from '../responses.ts';
import { ref } from '../schemas.ts';
import { AccessRequestPage, AccessRequestParams, AccessRequestsQuery, RequestAccessRequest } from './schemas.ts';

type Options = { requester: AccessRequester; viewer: ApprovalViewer; clock: Clock };

const SAY_WHEN = { path: '/expiresIn', message: 'or expiresAt is needed: 30d, say' };

/** Where readers ask for access. Whoever decides finds the same under /v1/approvals. */
export const accessRequestRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { requester, viewer, clock }) => {
  for (const schema of [AccessRequest, AccessRequestPage, RequestAccessRequest]) app.addSchema(schema);
  const common = { tags: ['Approve'] };

  app.post(
    '/v1/access-requests',
    {
      config: {
        changes: true,
        refuses: [...looksAtSecret, ...looksAtDatabase, 'principal-not-nameable', 'escalation-not-acknowledged'],
      },
      schema: {
        ...common,
        operationId: 'requestAccess',
        summary: 'Ask for access to a secret that others look after',
        description:
          'For readers (scope `access:request`). It waits, a week at most, for the group that the guardrails name: the one in ' +
          'the secret’s tag `team`, as they ship. What it would do to the policy is for them to see. 20 of yours may wait.',
        headers: IdempotencyHeader,
        body: ref(RequestAccessRequest),
        response: begins(ref(AccessRequest)),
      },
    },
    async (request, reply) => {
      const { secretId, reason, ticket = null, ...share } = request.body;
      if (share.expiresAt === undefined && share.expiresIn === undefined)
        throw new DomainError('validation-failed', {
          why: 'Say until when, by expiresIn or expiresAt.',
          errors: [SAY_WHEN],
        });
      const base = { changeId: request.changeId, requester: request.requester(), secretId, reason, ticket };
      const pending = await requester({ ...base, ifMatch: null, dryRun: false }, withExpiry(share, clock()));
      reply.code(202).header('location', `/v1/access-requests/${pending.approvalId}`);
      return withOwnSide(pending);
    },
  );

  app.get(
    '/v1/access-requests',
    {
      config: { refuses: looksAtDatabase },
      schema: {
        ...common,
        operationId: 'listAccessRequests',
        summary: 'What you have asked for',
        description: 'Your requests for access, newest first, and what became of them. 50 at most in one answer.',
        querystring: AccessRequestsQuery,
        response: answers(ref(AccessRequestPage)),
      },
    },
    async ({ identity, query: { limit = 100, ...query } }) => {
      const page = await viewer.list(identity, { limit, ...query, requestedBy: 'me', requests: true });
      return { ...page, items: page.items.map(withOwnSide) };
    },
  );

  app.get(
    '/v1/access-requests/:accessRequestId',
    {
      config: { refuses: [...looksAtDatabase, 'approval-not-found'] },
      schema: {
        ...common,
        operationId: 'getAccessRequest',
        summary: 'What became of a request of yours',
        description: 'And what your own side needs.',
        params: AccessRequestParams,
        response: answers(ref(AccessRequest)),
      },
    },
    async ({ identity, params }) => withOwnSide(await viewer.findRequest(identity, params.accessRequestId)),
  );
};
