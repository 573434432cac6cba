import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { momentOrNull, textOrNull } from '../fields.ts';
import { json } from '../responses.ts';
import { ref } from '../schemas.ts';

type Health = {
  /** @throws when the audit database does not answer */
  pingDatabase(): Promise<void>;
  /** When AWS last answered, and whether it has stopped to. */
  awsReachability(): { lastAnswer: Date | null; problem: string | null };
  isClosing(): boolean;
};

const Live = Type.Object(
  { status: Type.Literal('alive', { description: 'It answers.' }) },
  { $id: 'Liveness', description: 'That the process is alive.' },
);
const Ready = Type.Object(
  {
    status: Type.Enum(['ready', 'unready'], { description: 'Whether requests should be sent here.' }),
    database: Type.Enum(['ok', 'unavailable'], { description: 'Whether the audit database answers.' }),
    aws: Type.Object(
      {
        lastAnswer: momentOrNull('When AWS last answered; null before it was first asked.'),
        problem: textOrNull('The code of the problem, while AWS does not answer.'),
      },
      { description: 'Whether AWS answers. Where it does not, the service is ready all the same.' },
    ),
    closing: Type.Boolean({ description: 'Whether the service is stopping.' }),
  },
  { $id: 'Readiness', description: 'Whether the service can work, and what is wrong if not.' },
);

const notReady = {
  description: 'Not ready, and why',
  content: {
    'application/json': {
      schema: ref(Ready),
      examples: {
        answered: {
          value: {
            status: 'unready',
            database: 'unavailable',
            aws: { lastAnswer: '2029-03-01T09:30:00.123Z', problem: null },
            closing: false,
          },
        },
      },
    },
  },
};

/** A failing AWS does not make the service unready: it could not help by restarting, and reads of the audit log still work. */
export const healthRoutes: FastifyPluginAsyncTypebox<{ health: Health }> = async (app, { health }) => {
  for (const schema of [Live, Ready]) app.addSchema(schema);
  const common = { tags: ['Run'] };

  app.get(
    '/livez',
    {
      config: { public: true, probe: true },
      logLevel: 'warn',
      schema: {
        ...common,
        operationId: 'livez',
        summary: 'Is the process alive?',
        description: 'For a liveness probe.',
        response: { 200: json('Yes', ref(Live)) },
      },
    },
    async () => ({ status: 'alive' as const }),
  );

  app.get(
    '/readyz',
    {
      config: { public: true, probe: true },
      logLevel: 'warn',
      schema: {
        ...common,
        operationId: 'readyz',
        summary: 'Can the service work?',
        description: 'For a readiness probe: the audit database answers, and the service is not stopping.',
        response: { 200: json('Ready', ref(Ready)), 503: notReady },
      },
    },
    async (_, reply) => {
      const database = await health.pingDatabase().then(
        () => 'ok' as const,
        () => 'unavailable' as const,
      );
      const aws = health.awsReachability();
      const ready = database === 'ok' && !health.isClosing();
      reply.code(ready ? 200 : 503);
      return {
        status: ready ? ('ready' as const) : ('unready' as const),
        database,
        aws: { lastAnswer: aws.lastAnswer?.toISOString() ?? null, problem: aws.problem },
        closing: health.isClosing(),
      };
    },
  );
};
