import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import type { Authorizer } from '../../src/access/guard/authorizer.ts';
import { guardLook } from '../../src/access/guard/guard-change.ts';
import type { AuditFilter } from '../../src/access/looks/audit-trail.ts';
import type { VisibleEvents } from '../../src/access/looks/visible-events.ts';
import type { AuditEvent as Event } from '../../src/audit/event.ts';
import { toOcsf } from '../../src/audit/ocsf.ts';
import type { Verification as Verified } from '../../src/audit/verify-chain.ts';
import { looksAtDatabase } from '../refusals.ts';
import { answers, json, text } from '../responses.ts';
import { ref } from '../schemas.ts';
import { AuditEvent, AuditEventPage, AuditQuery, OcsfEvent, OcsfPage, RecordedEntry, Verification } from './schemas.ts';

type Options = { events: VisibleEvents; journal: { verify(): Promise<Verified> }; authorizer: Authorizer };

const NDJSON = 'application/x-ndjson';

export const auditRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { events, journal, authorizer }) => {
  for (const schema of [RecordedEntry, AuditEvent, AuditEventPage, OcsfEvent, OcsfPage, Verification])
    app.addSchema(schema);

  app.get(
    '/v1/audit-events',
    {
      config: { refuses: [...looksAtDatabase, 'forbidden'] },
      schema: {
        tags: ['Audit'],
        operationId: 'listAuditEvents',
        summary: 'Who changed what, newest first',
        description:
          'Filters are combined with “and”. A page may hold fewer than `limit`, or none, since its bytes and its work are ' +
          'bounded: only `nextCursor: null` ends the list. `Accept: application/x-ndjson` streams all that pass, one JSON a line; ' +
          '`format=ocsf` gives them as OCSF API Activity for a SIEM.',
        querystring: AuditQuery,
        response: {
          200: {
            description: 'OK',
            content: {
              ...json('', Type.Union([ref(AuditEventPage), ref(OcsfPage)])).content,
              ...text(NDJSON, 'One event a line.').content,
            },
          },
        },
      },
      // The page is stored JSON already; a schema-driven serializer would only copy it.
      serializerCompiler: () => JSON.stringify,
    },
    async (request, reply) => {
      const { limit = 100, cursor, format } = request.query;
      const show = format === 'ocsf' ? toOcsf : (event: Event) => event;
      const filter = filterOf(request.query);
      if (request.headers.accept?.includes(NDJSON)) {
        reply.type(NDJSON);
        return Readable.from(lines(events.stream(request.identity, filter), show));
      }
      const page = await events.list(request.identity, filter, { limit, cursor });
      return { items: page.items.map(show), nextCursor: page.nextCursor };
    },
  );

  app.get(
    '/v1/audit-events/verification',
    {
      config: { refuses: [...looksAtDatabase, 'forbidden'] },
      schema: {
        tags: ['Audit'],
        operationId: 'verifyAuditEvents',
        summary: 'Is the log whole?',
        description: 'Walks the whole chain and finds the first event that is missing, changed or out of order.',
        response: answers(ref(Verification)),
      },
    },
    async (request) => {
      guardLook(authorizer, request.identity, 'readAudit');
      return journal.verify();
    },
  );

  app.get(
    '/v1/audit-events/:eventId',
    {
      config: { refuses: [...looksAtDatabase, 'forbidden', 'event-not-found'] },
      schema: {
        tags: ['Audit'],
        operationId: 'getAuditEvent',
        summary: 'One event',
        description: 'With the policy before and after.',
        params: Type.Object({
          eventId: Type.String({ maxLength: 64, description: 'The `id` of an event of the list.' }),
        }),
        response: answers(ref(AuditEvent)),
      },
    },
    async (request) => events.find(request.identity, request.params.eventId),
  );
};

function filterOf({ from, to, secret, actor, action, outcome, changeId }: Static<typeof AuditQuery>): AuditFilter {
  return {
    ...(secret !== undefined && { secret }),
    ...(actor !== undefined && { actor }),
    ...(action !== undefined && { action }),
    ...(outcome !== undefined && { outcome }),
    ...(changeId !== undefined && { changeId }),
    ...(from !== undefined && { from: new Date(from) }),
    ...(to !== undefined && { to: new Date(to) }),
  };
}

async function* lines(events: AsyncIterable<Event>, show: (event: Event) => unknown): AsyncGenerator<string> {
  for await (const event of events) yield `${JSON.stringify(show(event))}\n`;
}
