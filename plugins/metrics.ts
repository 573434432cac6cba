import fp from 'fastify-plugin';
import type { Metrics } from '../src/telemetry/metrics.ts';
import { routeOf } from './request-ids.ts';

/** Tells of each answer, by the pattern of its route: an address would make a series for each secret. */
export default fp<{ metrics: Pick<Metrics, 'onResponse' | 'onProblem'> }>(
  async (app, { metrics }) => {
    app.addHook('onResponse', async (request, reply) => {
      if (request.problemCode !== null) metrics.onProblem(request.problemCode);
      metrics.onResponse({
        ...{ method: request.method, route: routeOf(request), status: reply.statusCode },
        seconds: reply.elapsedTime / 1_000,
      });
    });
  },
  { name: 'metrics', dependencies: ['request-ids', 'problems'] },
);
