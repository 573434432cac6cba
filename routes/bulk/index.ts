import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { BulkOperations } from '../../src/access/bulk/bulk-operations.ts';
import { withExpiry } from '../../src/access/commands/expires-in.ts';
import type { Clock } from '../../src/clock.ts';
import { Operation } from '../operations/schemas.ts';
import { DryRun, IdempotencyHeader } from '../parameters.ts';
import { beginsOperation } from '../refusals.ts';
import { begins } from '../responses.ts';
import { ref } from '../schemas.ts';
import { BulkDenialRequest, BulkRevocationRequest, BulkShareRequest } from './schemas.ts';
import { itemsOf } from './spread.ts';

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

export const bulkRoutes: FastifyPluginAsyncTypebox<{ bulk: BulkOperations; clock: Clock }> = async (
  app,
  { bulk, clock },
) => {
  const bodies = kinds.map(({ body }) => body);
  for (const schema of bodies) app.addSchema(schema);

  for (const { path, action, operationId, what, body } of kinds) {
    app.post(
      `/v1/bulk/${path}`,
      {
        bodyLimit: BODY_LIMIT,
        config: { changes: true, asksFirst: 'startOperation', refuses: beginsOperation },
        schema: {
          tags: ['Bulk'],
          operationId,
          summary: `${what} in one request`,
          description:
            'Up to 1,000 items; for shares and denials also `secretIds` and `principals`, each with each. It answers at once ' +
            'with an operation, which goes on in the background, over restarts too, and stays under AWS’s quota. Each item ' +
            'is a change like any other: guardrails, approvals, audit log; it counts against you as a request does. Send ' +
            '`dryRun=true` first to see what would happen.',
          querystring: DryRun,
          headers: IdempotencyHeader,
          body: ref(body),
          response: begins(ref(Operation)),
        },
      },
      async (request, reply) => {
        const { reason = null, ticket = null, ...asked } = request.body;
        const items = itemsOf(asked);
        request.spendItems(items.length);
        const now = clock();
        const operation = await bulk.start(request.requester(), {
          id: request.changeId,
          action,
          dryRun: request.query.dryRun ?? false,
          ...{ reason, ticket },
          items: items.map(({ secretId, ...item }) => ({ secretId, request: withExpiry(item, now) })),
        });
        return reply.code(202).header('location', `/v1/operations/${operation.id}`).send(operation);
      },
    );
  }
};
