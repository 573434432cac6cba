import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { BulkOperations } from '../../src/access/bulk/bulk-operations.ts';
import { PagingQuery } from '../parameters.ts';
import { looksAtDatabase } from '../refusals.ts';
import { answers, text } from '../responses.ts';
import { ref } from '../schemas.ts';
import { EVENT_STREAM, serverEvent, watched } from '../server-events.ts';
import { Operation, OperationItem, OperationItemPage, OperationPage } from './schemas.ts';

const OperationParams = Type.Object({
  operationId: Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'The `id` that POST /v1/bulk/… was answered with.',
  }),
});

/** How far bulk operations are: they go on in the background. */
export const operationRoutes: FastifyPluginAsyncTypebox<{ bulk: BulkOperations }> = async (app, { bulk }) => {
  for (const schema of [OperationPage, OperationItem, OperationItemPage]) app.addSchema(schema);
  const common = { tags: ['Bulk'] };

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
      // Of a HEAD the framework would read the whole stream.
      exposeHeadRoute: false,
      config: { refuses: [...looksAtDatabase, 'operation-not-found'] },
      schema: {
        ...common,
        operationId: 'watchOperation',
        summary: 'Watch a bulk operation',
        description:
          'Server-Sent Events: `progress` with the operation whenever it changes, `done` at its end; a comment after 15 s without news.',
        params: OperationParams,
        response: { 200: text(EVENT_STREAM, 'Events, as they come.') },
      },
    },
    async (request, reply) => {
      await bulk.find(request.identity, request.params.operationId);
      return watched(request, reply, {
        watch: (gone) => bulk.watch(request.identity, request.params.operationId, gone),
        tell: (operation) => serverEvent(operation.finishedAt === null ? 'progress' : 'done', operation),
      });
    },
  );

  app.post(
    '/v1/operations/:operationId/cancel',
    {
      config: { refuses: [...looksAtDatabase, 'forbidden', 'operation-not-found'] },
      schema: {
        ...common,
        operationId: 'cancelOperation',
        summary: 'Stop a bulk operation',
        description: 'What runs is finished, the rest is not begun. What was done stays done. For who began it.',
        params: OperationParams,
        response: answers(ref(Operation)),
      },
    },
    async (request) => bulk.cancel(request.requester(), request.params.operationId),
  );
};
