import fp from 'fastify-plugin';
import { DomainError } from '../src/problems/problem.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether the service has begun to stop: changes under way finish, nothing else begins. */
    isClosing(): boolean;
  }
}

/** Refuses work once the service stops, and leaves the probes to say so. Fastify's own answer is no problem document. */
export default fp(
  async (app) => {
    let closing = false;
    app.decorate('isClosing', () => closing);
    app.addHook('preClose', async () => {
      closing = true;
    });
    app.addHook('onRequest', async ({ routeOptions }) => {
      if (!closing || routeOptions.config.probe === true) return;
      throw new DomainError('overloaded', {
        why: 'The service is stopping. Another replica takes your request.',
        retryAfter: 5,
      });
    });
  },
  { name: 'closing', dependencies: ['problems'] },
);
