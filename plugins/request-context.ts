import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import fp from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyRequest {
    /** From a sane `traceparent` (W3C Trace Context), else null. */
    traceId: string | null;
  }
}

/** X-Request-Id is taken if it can stand in a log line as it is; else one is made. */
export function requestIdOf(raw: Pick<IncomingMessage, 'headers'>): string {
  const given = raw.headers['x-request-id'];
  return typeof given === 'string' && /^[A-Za-z0-9._:+/=-]{1,128}$/.test(given) ? given : randomUUID();
}

/** Every answer says under which id the log has it, and every log line of a traced request names the trace. */
export default fp(
  async (app) => {
    app.decorateRequest('traceId', null);
    app.addHook('onRequest', async (request, reply) => {
      reply.header('x-request-id', request.id);
      const traceparent = request.headers['traceparent'];
      const traceId = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(String(traceparent))?.[1];
      if (traceId === undefined || /^0+$/.test(traceId)) return;
      request.traceId = traceId;
      request.log = request.log.child({ traceId });
    });
  },
  { name: 'request-context' },
);
