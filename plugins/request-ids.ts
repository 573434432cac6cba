import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { Traces } from '../src/telemetry/traces.ts';
import { withoutCredentials } from '../src/without-credentials.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The trace it belongs to: the caller's, by a sane `traceparent`, or one that began here; null without. */
    traceId: string | null;
  }
}

/** X-Request-Id is taken if it can stand in a log line as it is, and holds no credentials; else one is made. */
export function requestIdOf(raw: Pick<IncomingMessage, 'headers'>): string {
  const given = raw.headers['x-request-id'];
  const isSane = typeof given === 'string' && /^[A-Za-z0-9._:+/=-]{1,128}$/.test(given);
  return isSane && withoutCredentials(given, raw.headers) === given ? given : randomUUID();
}

/** The pattern of the route, never the address; `none` where nothing is. */
export const routeOf = ({ routeOptions }: FastifyRequest): string => routeOptions.url ?? 'none';

/** Every answer says under which id the log has it. That every log line names the trace is for the logger (app.ts). */
export default fp<{ traces: Pick<Traces, 'ofRequest'> }>(
  async (app, { traces }) => {
    app.decorateRequest('traceId', null);
    app.addHook('onRequest', async (request, reply) => {
      reply.header('x-request-id', request.id);
      request.traceId = traces.ofRequest(request.raw).traceId;
    });
  },
  { name: 'request-ids' },
);
