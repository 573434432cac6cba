import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { Authorizer } from '../../src/access/guard/authorizer.ts';
import { guardLook } from '../../src/access/guard/guard-change.ts';
import type { RecordedChanges } from '../../src/access/looks/recorded-changes.ts';
import type { VisibleEvents } from '../../src/access/looks/visible-events.ts';
import type { AuditEvent as Event } from '../../src/audit/event.ts';
import { toOcsf } from '../../src/audit/ocsf.ts';
import { type RecordedChange, withoutDocuments } from '../../src/audit/recorded-change.ts';
import type { Verification as Verified } from '../../src/audit/verify-chain.ts';
import type { Clock } from '../../src/clock.ts';
import type { Page } from '../../src/page.ts';
import { looksAtDatabase } from '../refusals.ts';
import { answers, json, text } from '../responses.ts';
import { ref } from '../schemas.ts';
import { exported, untilClosed } from '../streamed.ts';
import { assertView, filterOf } from './filter.ts';
import { csv, ndjson, rowOfChange, rowOfEvent } from './lines.ts';
import {
  AuditEvent,
  AuditEventPage,
  AuditQuery,
  auditComponents,
  OcsfPage,
  RecordedChangePage,
  Verification,
} from './schemas.ts';

type Options = {
  events: VisibleEvents;
  changes: RecordedChanges;
  journal: { verify(gone: AbortSignal): Promise<Verified> };
  authorizer: Authorizer;
  clock: Clock;
};

const NDJSON = 'application/x-ndjson';
const CSV = 'text/csv';
const EXPORTS = [NDJSON, CSV] as const;

export const auditRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { events, changes, journal, authorizer, clock } = options;
  for (const schema of auditComponents) app.addSchema(schema);

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
          'bounded: only `nextCursor: null` ends the list. `Accept: application/x-ndjson` streams all that pass, one JSON a line, ' +
          '`Accept: text/csv` as a table. `view=changes` has each change once, with a sentence that says what was done; ' +
          '`format=ocsf` gives the events as OCSF API Activity for a SIEM.',
        querystring: AuditQuery,
        response: {
          200: {
            description: 'OK',
            content: {
              ...json('', Type.Union([ref(AuditEventPage), ref(RecordedChangePage), ref(OcsfPage)])).content,
              ...text(NDJSON, 'One event, or change, a line.').content,
              ...text(CSV, 'One event, or change, a line, under the names of the columns.').content,
            },
          },
        },
      },
    },
    async (request, reply) => {
      const { identity, query, headers } = request;
      const type = EXPORTS.find((one) => headers.accept?.includes(one));
      assertView(query, type === CSV);
      const filter = filterOf(query, clock());
      const page = { limit: query.limit ?? 100, cursor: query.cursor };
      if (type !== undefined) reply.type(type);
      if (query.view === 'changes') {
        const show = query.documents ? (change: RecordedChange) => change : withoutDocuments;
        if (type === CSV) return exported(request, (gone) => csv(changes.stream(identity, filter, gone), rowOfChange));
        if (type === NDJSON) return exported(request, (gone) => ndjson(changes.stream(identity, filter, gone), show));
        return shown(await changes.list(identity, filter, page), show);
      }
      const show = query.format === 'ocsf' ? toOcsf : (event: Event) => event;
      if (type === CSV) return exported(request, (gone) => csv(events.stream(identity, filter, gone), rowOfEvent));
      if (type === NDJSON) return exported(request, (gone) => ndjson(events.stream(identity, filter, gone), show));
      return shown(await events.list(identity, filter, page), show);
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
    async (request, reply) => {
      guardLook(authorizer, request.identity, 'readAudit');
      return journal.verify(untilClosed(reply.raw));
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

const shown = <T, Shown>({ items, nextCursor }: Page<T>, show: (item: T) => Shown): Page<Shown> => ({
  items: items.map(show),
  nextCursor,
});
