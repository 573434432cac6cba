import fp from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyRequest {
    /** UUIDv7 of the change that this request asks for; chosen before anything is done. */
    changeId: string;
  }
  interface FastifyContextConfig {
    /** The route changes a policy. */
    changes?: boolean;
  }
}

/** Gives each mutation its change id, and puts it into the request's log lines. */
export default fp<{ newChangeId(): string }>(
  async (app, { newChangeId }) => {
    app.decorateRequest('changeId', '');
    app.addHook('preValidation', async (request, reply) => {
      if (request.routeOptions.config.changes !== true) return;
      request.changeId = newChangeId();
      request.log = request.log.child({ changeId: request.changeId });
      // Fastify's last line of a request is the reply's.
      reply.log = request.log;
    });
  },
  { name: 'change-id', dependencies: ['request-ids'] },
);
