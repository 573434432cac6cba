import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { ApprovalDecider } from '../../src/access/approvals/decide-approval.ts';
import type { ApprovalViewer } from '../../src/access/approvals/view-approvals.ts';
import type { InboxWatch } from '../../src/access/approvals/watch-inbox.ts';
import { DomainError } from '../../src/problems/problem.ts';
import { IdempotencyHeader } from '../parameters.ts';
import { attachesValidated, looksAtDatabase, looksAtSecret } from '../refusals.ts';
import { answers, ETAG, text } from '../responses.ts';
import { Change, ref } from '../schemas.ts';
import { EVENT_STREAM, serverEvent, watched } from '../server-events.ts';
import {
  ApprovalPage,
  ApprovalParams,
  ApprovalsQuery,
  ApproveRequest,
  DecisionRequest,
  PendingChange,
} from './schemas.ts';

const SAY_WHAT_YOU_SAW = { path: '/etag', message: 'must be the etag of the approval as you saw it: GET it first' };

type Options = { viewer: ApprovalViewer; watch: InboxWatch; decider: ApprovalDecider };

export const approvalRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { viewer, watch, decider }) => {
  for (const schema of [ApprovalPage, ApproveRequest, DecisionRequest]) app.addSchema(schema);

  app.get(
    '/v1/approvals',
    {
      config: { refuses: looksAtDatabase },
      schema: {
        tags: ['Approve'],
        operationId: 'listApprovals',
        summary: 'Changes that wait for a second person',
        description:
          'And those that waited, newest first; `status=pending` shows what is to be decided, each as of now, and so 50 at ' +
          'most in one answer. You see the changes that you asked for, and those of secrets whose policy you may read.',
        querystring: ApprovalsQuery,
        response: answers(ref(ApprovalPage)),
      },
    },
    async (request) => {
      const { limit = 100, ...query } = request.query;
      return viewer.list(request.identity, { limit, ...query });
    },
  );

  app.get(
    '/v1/approvals/events',
    {
      // Of a HEAD the framework would read the whole stream.
      exposeHeadRoute: false,
      config: { refuses: looksAtDatabase },
      schema: {
        tags: ['Approve'],
        operationId: 'watchApprovals',
        summary: 'Watch what waits for a second person',
        description:
          'Server-Sent Events, without an end: `open` once it listens, which is when to ask for the list; then `changed` with ' +
          '`approvalId` and `status` for each that is asked for or decided, of those that the list shows you. A comment after ' +
          '15 s without news. It is closed after 15 minutes, and once your credentials are valid no more: come again.',
        response: { 200: text(EVENT_STREAM, 'Events, as they come.', true) },
      },
    },
    async (request, reply) => {
      const changes = await watch.begin(request.identity);
      return watched(request, reply, {
        watch: changes,
        tell: (change) => serverEvent('changed', change),
        opening: serverEvent('open', {}),
      });
    },
  );

  app.get(
    '/v1/approvals/:approvalId',
    {
      config: { refuses: [...looksAtDatabase, 'approval-not-found'] },
      schema: {
        tags: ['Approve'],
        operationId: 'getApproval',
        summary: 'One change that waits, or waited',
        description: 'Who asked for what and why, what it would do to the policy of now, and what became of it.',
        params: ApprovalParams,
        response: answers(ref(PendingChange)),
      },
    },
    async (request) => viewer.find(request.identity, request.params.approvalId),
  );

  /** The body is optional: a bare POST is a decision without a reason. */
  const preValidation = async (request: FastifyRequest) => {
    request.body ??= {};
  };
  const decision = {
    tags: ['Approve'],
    params: ApprovalParams,
    headers: IdempotencyHeader,
  };

  app.post(
    '/v1/approvals/:approvalId/approve',
    {
      config: {
        changes: true,
        refuses: [
          ...attachesValidated,
          'kms-key-not-shareable',
          'change-not-found',
          'share-not-found',
          'denial-not-found',
          'restriction-not-found',
          'approval-not-found',
          'approval-closed',
          'stored-command-refused',
        ],
      },
      preValidation,
      schema: {
        ...decision,
        body: ref(ApproveRequest),
        operationId: 'approveChange',
        summary: 'Approve a change, and apply it',
        description:
          'For a member of its group who did not ask for it. The change is checked again and applied to the policy that you ' +
          'saw, which `etag` names: if it is another by now, it waits on, and you look again. A share may be approved for a ' +
          'shorter time (`expiresAt`) and fewer `actions`. A request for access becomes a share of yours, for which the ' +
          'guardrails are asked about you. The answer is the change. If ' +
          'that fails, the answer says why, and so does the approval.',
        response: answers(ref(Change), ETAG),
      },
    },
    async (request, reply) => {
      const { reason = null, etag, ...narrowed } = request.body;
      if (etag === undefined) throw new DomainError('validation-failed', { errors: [SAY_WHAT_YOU_SAW] });
      const { approvalId } = request.params;
      return reply.answerChange(await decider.approve(request.requester(), approvalId, { reason, etag, narrowed }));
    },
  );

  app.post(
    '/v1/approvals/:approvalId/reject',
    {
      config: {
        bodyOptional: true,
        changes: true,
        refuses: [...looksAtSecret, 'approval-not-found', 'approval-closed', 'stored-command-refused'],
      },
      preValidation,
      schema: {
        ...decision,
        body: ref(DecisionRequest),
        operationId: 'rejectChange',
        summary: 'Reject a change',
        description: 'For a member of its group who did not ask for it. Nothing is done; it can be asked for again.',
        response: answers(ref(PendingChange)),
      },
    },
    async (request) => decider.reject(request.requester(), request.params.approvalId, request.body.reason ?? null),
  );

  app.post(
    '/v1/approvals/:approvalId/withdraw',
    {
      config: {
        bodyOptional: true,
        changes: true,
        refuses: [...looksAtDatabase, 'approval-not-found', 'approval-closed', 'stored-command-refused'],
      },
      preValidation,
      schema: {
        ...decision,
        body: ref(DecisionRequest),
        operationId: 'withdrawChange',
        summary: 'Withdraw what you asked for',
        description:
          'For whoever asked for the change, or for access: nobody needs to decide any more. It ends as `rejected`, by you.',
        response: answers(ref(PendingChange)),
      },
    },
    async (request) => decider.withdraw(request.requester(), request.params.approvalId, request.body.reason ?? null),
  );
};
