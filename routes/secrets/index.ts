import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { SecretInspector } from '../../src/access/looks/inspect-secret.ts';
import { SecretParams } from '../parameters.ts';
import { listsSecrets, looksAtSecret } from '../refusals.ts';
import { answers } from '../responses.ts';
import { ref } from '../schemas.ts';
import { InspectedSecret, SecretPage, SecretSummary, SecretsQuery } from './schemas.ts';

export const secretRoutes: FastifyPluginAsyncTypebox<{ inspector: SecretInspector }> = async (app, { inspector }) => {
  for (const schema of [SecretSummary, InspectedSecret, SecretPage]) app.addSchema(schema);

  app.get(
    '/v1/secrets',
    {
      config: { refuses: listsSecrets },
      schema: {
        tags: ['Look'],
        operationId: 'listSecrets',
        summary: 'List secrets',
        description: 'The secrets of this service’s own account and Region. Their values are never read.',
        querystring: SecretsQuery,
        response: answers(ref(SecretPage)),
      },
    },
    async (request) => {
      const { name, limit = 100, cursor } = request.query;
      return inspector.list(request.identity, {
        limit,
        ...(name !== undefined && { namePrefix: name }),
        cursor,
      });
    },
  );

  app.get(
    '/v1/secrets/:secretId',
    {
      config: { refuses: looksAtSecret },
      schema: {
        tags: ['Look'],
        operationId: 'getSecret',
        summary: 'One secret, and whether it can be shared across accounts',
        description: 'Its ARN, key, replication and owning service; and in plain words why it can’t be shared, if so.',
        params: SecretParams,
        response: answers(ref(InspectedSecret)),
      },
    },
    async (request) => inspector.inspect(request.identity, request.params.secretId),
  );
};
