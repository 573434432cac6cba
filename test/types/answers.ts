import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { answers, begins, changes, creates, text } from '../../routes/responses.ts';
import { ref } from '../../routes/schemas.ts';
import type { PendingChange } from '../../src/access/approvals/approval.ts';
import type { Change } from '../../src/access/write/change.ts';

/**
 * `npm run typecheck` is the test: what a handler returns is compared with the schema of its answer. Each line under a
 * directive must not compile; should it do so, the directive itself is an error.
 */

const Thing = Type.Object({ id: Type.String(), at: Type.Union([Type.String(), Type.Null()]) }, { $id: 'Thing' });

declare const change: Change;
declare const waiting: PendingChange;
declare const changeWithoutEtag: Omit<Change, 'etag'>;

export const routes: FastifyPluginAsyncTypebox = async (app) => {
  const thing = { schema: { response: answers(ref(Thing)) } };
  app.get('/whole', thing, async () => ({ id: 'a', at: null }));
  // @ts-expect-error a required field is missing
  app.get('/missing', thing, async () => ({ id: 'a' }));
  // @ts-expect-error a field is of another type
  app.get('/other-type', thing, async () => ({ id: 'a', at: 1 }));
  // @ts-expect-error a page of them is none
  app.get('/page', thing, async () => ({ items: [], nextCursor: null }));

  const begun = { schema: { response: begins(ref(Thing)) } };
  app.post('/begun', begun, async (_, reply) => {
    reply.code(202);
    return { id: 'a', at: null };
  });
  // @ts-expect-error a required field is missing, whatever the status
  app.post('/begun-missing', begun, async (_, reply) => reply.code(202) && { id: 'a' });

  for (const schema of [{ response: changes() }, { response: creates() }]) {
    app.post('/change', { schema }, async (_, reply) => reply.answerChange(change, 'shares'));
    app.post('/waits', { schema }, async (_, reply) => reply.answerChange(waiting));
    // @ts-expect-error a change has an etag
    app.post('/change-missing', { schema }, async () => changeWithoutEtag);
    // @ts-expect-error nothing but changes is answered as one
    app.post('/no-change', { schema }, async (_, reply) => reply.answerChange({ id: 'a' }));
  }

  const figures = { schema: { response: { 200: text('text/plain', 'The figures.') } } };
  app.get('/text', figures, async () => 'figures');
  // @ts-expect-error a text is no object
  app.get('/no-text', figures, async () => ({ id: 'a' }));
};
