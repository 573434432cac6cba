import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { SurveyStarter } from '../../src/estate/start-survey.ts';
import type { EstateViewer } from '../../src/estate/view-estate.ts';
import { Operation } from '../operations/schemas.ts';
import { IdempotencyHeader } from '../parameters.ts';
import { beginsOperation, looksAtDatabase } from '../refusals.ts';
import { answers, begins } from '../responses.ts';
import { ref } from '../schemas.ts';
import { Coverage, SurveyRequest } from './schemas.ts';

export const estateRoutes: FastifyPluginAsyncTypebox<{ viewer: EstateViewer; survey: SurveyStarter }> = async (
  app,
  { viewer, survey },
) => {
  for (const schema of [Coverage, SurveyRequest]) app.addSchema(schema);
  const common = { tags: ['Estate'] };

  app.get(
    '/v1/estate',
    {
      config: { refuses: ['forbidden', ...looksAtDatabase] },
      schema: {
        ...common,
        operationId: 'getEstate',
        summary: 'How much of the estate has been seen?',
        description:
          'The accounts and Regions that are surveyed (ESTATE_ACCOUNTS, ESTATE_REGIONS), how many secrets they have, ' +
          'how old the oldest look is, and what could not be looked at, and why.',
        response: answers(ref(Coverage)),
      },
    },
    async ({ identity }) => viewer.coverage(identity),
  );

  app.post(
    '/v1/estate/surveys',
    {
      config: { changes: true, refuses: beginsOperation },
      schema: {
        ...common,
        operationId: 'startSurvey',
        summary: 'Survey the estate now',
        description:
          'Looks again at all secrets, at those of an account or Region, or at one. It answers at once with an operation, ' +
          'which goes on in the background, over restarts too, and takes only what changes leave of AWS’s quota. A survey ' +
          'of the same account and Region that is under way counts.',
        headers: IdempotencyHeader,
        body: ref(SurveyRequest),
        response: begins(ref(Operation)),
      },
    },
    async (request, reply) => {
      const operation = await survey(request.requester(), request.changeId, request.body);
      return reply.code(202).header('location', `/v1/operations/${operation.id}`).send(operation);
    },
  );
};
