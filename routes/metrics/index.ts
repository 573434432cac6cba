import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { text } from '../responses.ts';

/** `read` gives Prometheus's text format. */
type MetricsPage = { contentType: string; read(): Promise<string> };

/** Open like the probes, for whoever may reach the port: it holds no name of a secret or of a caller. */
export const metricRoutes: FastifyPluginAsyncTypebox<{ page: MetricsPage }> = async (app, { page }) => {
  app.get(
    '/metrics',
    {
      config: { public: true, probe: true },
      logLevel: 'warn',
      schema: {
        tags: ['Run'],
        operationId: 'metrics',
        summary: 'Figures for Prometheus',
        description:
          'Counters, histograms and gauges in the text format of Prometheus. docs/operations.md explains each.',
        response: { 200: text('text/plain', 'The figures.') },
      },
    },
    async (_, reply) => {
      reply.type(page.contentType);
      return page.read();
    },
  );
};
