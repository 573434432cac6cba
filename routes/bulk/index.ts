import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { BulkOperations } from '../../src/access/bulk/bulk-operations.ts';
import type { BulkChange, BulkOperation } from '../../src/access/bulk/operation.ts';
import { Operation } from '../operations/schemas.ts';
import { DryRun, IdempotencyHeader } from '../parameters.ts';
import { beginsOperation } from '../refusals.ts';
import { begins } from '../responses.ts';
import { ref } from '../schemas.ts';
import { BulkDenialRequest, BulkRevocationRequest, BulkShareRequest } from './schemas.ts';

/** A thousand items with their conditions: a kilobyte each. */
const BODY_LIMIT = 1024 * 1024;

const kinds = [
  { path: 'shares', action: 'share', operationId: 'bulkShare', what: 'Share many secrets', body: BulkShareRequest },
  { path: 'denials', action: 'deny', operationId: 'bulkDeny', what: 'Deny on many secrets', body: BulkDenialRequest },
  {
    path: 'revocations',
    action: 'revoke',
    operationId: 'bulkRevoke',
    what: 'Revoke many',
    body: BulkRevocationRequest,
  },
] as const;

export const bulkRoutes: FastifyPluginAsyncTypebox<{ bulk: BulkOperations }> = async (app, { bulk }) => {
  const bodies = kinds.map(({ body }) => body);
  for (const schema of bodies) app.addSchema(schema);

  for (const { path, action, operationId, what, body } of kinds) {
    app.post(
      `/v1/bulk/${path}`,
      {
        bodyLimit: BODY_LIMIT,
        config: { changes: true, refuses: beginsOperation },
        schema: {
          tags: ['Bulk'],
          operationId,
          summary: `${what} in one request`,
          description:
            'Up to 1,000 items. It answers at once with an operation, which goes on in the background, over restarts too, ' +
            'and stays under AWS’s quota. Each item is a change like any other: guardrails, approvals, audit log; it counts ' +
            'against you as a request does. Send ' +
            '`dryRun=true` first to see what would happen.',
          querystring: DryRun,
          headers: IdempotencyHeader,
          body: ref(body),
          response: begins(ref(Operation)),
        },
      },
      async (request, reply) => {
        request.spendItems(request.body.items.length);
        const operation = await start(request, bulk, action);
        return reply.code(202).header('location', `/v1/operations/${operation.id}`).send(operation);
      },
    );
  }
};

/** As much of a request as its schemas must say. */
type Asked = Pick<FastifyRequest, 'changeId' | 'requester'> & {
  body: { items: ({ secretId: string } & Record<string, unknown>)[]; reason?: string; ticket?: string };
  query: { dryRun?: boolean };
};

function start(request: Asked, bulk: BulkOperations, action: BulkChange): Promise<BulkOperation> {
  const { body, query } = request;
  return bulk.start(request.requester(), {
    id: request.changeId,
    action,
    dryRun: query.dryRun ?? false,
    reason: body.reason ?? null,
    ticket: body.ticket ?? null,
    items: body.items.map(({ secretId, ...asked }) => ({ secretId, request: asked })),
  });
}
