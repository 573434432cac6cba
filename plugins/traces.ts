import fp from 'fastify-plugin';
import type { Traces } from '../src/telemetry/traces.ts';
import { routeOf } from './request-ids.ts';

/** A span for each request, probes excepted; what its handler begins belongs to it. */
export default fp<{ traces: Traces }>(
  async (app, { traces }) => {
    app.addHook('onRequest', ({ raw }, _, done) => traces.ofRequest(raw).enter(done));
    // Reading the body goes on from an event of the socket, which knows nothing of the request.
    app.addHook('preValidation', ({ raw }, _, done) => traces.ofRequest(raw).enter(done));
    app.addHook('onResponse', async (request, reply) => {
      if (request.routeOptions.config.probe === true) return;
      const { method, id: requestId, changeId } = request;
      const status = reply.statusCode;
      traces.ofRequest(request.raw).end({ method, route: routeOf(request), status, requestId, changeId });
    });
  },
  { name: 'traces', dependencies: ['request-ids'] },
);
