import { Readable } from 'node:stream';
import fp from 'fastify-plugin';
import { DomainError } from '../src/problems/problem.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether the service has begun to stop: changes under way finish, nothing else begins. */
    isClosing(): boolean;
  }
}

/**
 * Refuses work once the service stops, and leaves the probes to say so. Fastify's own answer is no problem document.
 * Answers that are streams end at once, cut off so that nobody takes them for whole: they may go on for as long as somebody
 * watches, or does not read. Whoever does not read an answer of another kind is cut off after `cutAfterMs`.
 */
export default fp<{ cutAfterMs: number }>(
  async (app, { cutAfterMs }) => {
    let closing = false;
    const streams = new Set<Readable>();
    app.decorate('isClosing', () => closing);
    app.addHook('preClose', async () => {
      closing = true;
      for (const stream of streams) stream.destroy();
      setTimeout(() => app.server.closeAllConnections(), cutAfterMs).unref();
    });
    app.addHook('onRequest', async ({ routeOptions }) => {
      if (!closing || routeOptions.config.probe === true) return;
      throw new DomainError('overloaded', {
        why: 'The service is stopping. Another replica takes your request.',
        retryAfter: 5,
      });
    });
    app.addHook('onSend', (_request, _reply, payload, done) => {
      if (payload instanceof Readable) {
        if (closing) payload.destroy();
        streams.add(payload);
        payload.once('close', () => streams.delete(payload));
      }
      done();
    });
  },
  { name: 'closing', dependencies: ['problems'] },
);
