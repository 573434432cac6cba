import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { BulkOperations } from '../../src/access/bulk/bulk-operations.ts';
import type { BulkAction, BulkOperation } from '../../src/access/bulk/operation.ts';
import { DryRun, IdempotencyHeader, PagingQuery } from '../parameters.ts';
import { looksAtDatabase } from '../refusals.ts';
import { answers, begins, text } from '../responses.ts';
import { ref } from '../schemas.ts';
import {
  BulkDenialRequest,
  BulkRevocationRequest,
  BulkShareRequest,
  Operation,
  OperationItem,
  OperationItemPage,
  OperationPage,
} from './schemas.ts';

/** A thousand items with their conditions. */
const BODY_LIMIT = 4 * 1024 * 1024;
const EVENT_STREAM = 'text/event-stream';

const OperationParams = Type.Object({
  operationId: Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'The `id` that POST /v1/bulk/… was answered with.',
  }),
});

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
  for (const schema of [...bodies, Operation, OperationPage, OperationItem, OperationItemPage]) app.addSchema(schema);
  const common = { tags: ['Bulk'] };

  for (const { path, action, operationId, what, body } of kinds) {
    app.post(
      `/v1/bulk/${path}`,
      {
        bodyLimit: BODY_LIMIT,
        config: { changes: true, refuses: looksAtDatabase },
        schema: {
          ...common,
          operationId,
          summary: `${what} in one request`,
          description:
            'Up to 1,000 items. It answers at once with an operation, which goes on in the background, over restarts too, ' +
            'and stays under AWS’s quota. Each item is a change like any other: guardrails, approvals, audit log. Send ' +
            '`dryRun=true` first to see what would happen.',
          querystring: DryRun,
          headers: IdempotencyHeader,
          body: ref(body),
          response: begins(ref(Operation)),
        },
      },
      async (request, reply) => {
        const operation = await start(request, bulk, action);
        return reply.code(202).header('location', `/v1/operations/${operation.id}`).send(operation);
      },
    );
  }

  app.get(
    '/v1/operations',
    {
      config: { refuses: looksAtDatabase },
      schema: {
        ...common,
        operationId: 'listOperations',
        summary: 'Bulk operations, newest first',
        description: 'Those that the caller began; everybody’s for who may read the audit log.',
        querystring: PagingQuery,
        response: answers(ref(OperationPage)),
      },
    },
    async ({ identity, query: { limit = 100, cursor } }) => bulk.list(identity, { limit, cursor }),
  );

  app.get(
    '/v1/operations/:operationId',
    {
      config: { refuses: [...looksAtDatabase, 'operation-not-found'] },
      schema: {
        ...common,
        operationId: 'getOperation',
        summary: 'How far a bulk operation is',
        description: 'Its counts by status.',
        params: OperationParams,
        response: answers(ref(Operation)),
      },
    },
    async (request) => bulk.find(request.identity, request.params.operationId),
  );

  app.get(
    '/v1/operations/:operationId/items',
    {
      config: { refuses: [...looksAtDatabase, 'operation-not-found'] },
      schema: {
        ...common,
        operationId: 'listOperationItems',
        summary: 'What became of each item',
        description: 'In the order of the request.',
        params: OperationParams,
        querystring: PagingQuery,
        response: answers(ref(OperationItemPage)),
      },
    },
    async (request) => {
      const { limit = 100, cursor } = request.query;
      return bulk.items(request.identity, request.params.operationId, { limit, cursor });
    },
  );

  app.get(
    '/v1/operations/:operationId/events',
    {
      config: { refuses: [...looksAtDatabase, 'operation-not-found'] },
      schema: {
        ...common,
        operationId: 'watchOperation',
        summary: 'Watch a bulk operation',
        description: 'Server-Sent Events: `progress` with the operation whenever it changes, `done` at its end.',
        params: OperationParams,
        response: { 200: text(EVENT_STREAM, 'Events, as they come.') },
      },
    },
    async (request, reply) => {
      await bulk.find(request.identity, request.params.operationId);
      const events = Readable.from(toEvents(bulk.watch(request.identity, request.params.operationId)));
      reply.type(EVENT_STREAM);
      return events;
    },
  );

  app.post(
    '/v1/operations/:operationId/cancel',
    {
      config: { refuses: [...looksAtDatabase, 'operation-not-found'] },
      schema: {
        ...common,
        operationId: 'cancelOperation',
        summary: 'Stop a bulk operation',
        description: 'What runs is finished, the rest is not begun. What was done stays done.',
        params: OperationParams,
        response: answers(ref(Operation)),
      },
    },
    async (request) => bulk.cancel(request.identity, request.params.operationId),
  );
};

/** As much of a request as its schemas must say. */
type Asked = Pick<FastifyRequest, 'changeId' | 'requester'> & {
  body: { items: ({ secretId: string } & Record<string, unknown>)[]; reason?: string; ticket?: string };
  query: { dryRun?: boolean };
};

function start(request: Asked, bulk: BulkOperations, action: BulkAction): Promise<BulkOperation> {
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

async function* toEvents(operations: AsyncIterable<BulkOperation>): AsyncGenerator<string> {
  for await (const operation of operations) {
    yield `event: ${operation.finishedAt === null ? 'progress' : 'done'}\ndata: ${JSON.stringify(operation)}\n\n`;
  }
}
