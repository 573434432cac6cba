import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { withExpiry } from '../../src/access/commands/expires-in.ts';
import { shareSecret } from '../../src/access/commands/share-secret.ts';
import type { LegExaminer } from '../../src/access/judge/legs/legs.ts';
import type { Clock } from '../../src/clock.ts';
import { baseOf } from '../change-route.ts';
import { type EntryRoutes, entryRoutes } from '../entries.ts';
import { ChangeHeaders, DryRun, SecretParams } from '../parameters.ts';
import { shares } from '../refusals.ts';
import { creates } from '../responses.ts';
import { ref } from '../schemas.ts';
import { ShareRequest } from './schemas.ts';

export const shareRoutes: FastifyPluginAsyncTypebox<EntryRoutes & { legs: LegExaminer; clock: Clock }> = async (
  app,
  options,
) => {
  const { changer, legs, granter, clock } = options;
  app.addSchema(ShareRequest);
  await app.register(entryRoutes('share', 'Share'), options);

  app.post(
    '/v1/secrets/:secretId/shares',
    {
      config: { changes: true, refuses: shares },
      schema: {
        tags: ['Share'],
        operationId: 'createShare',
        summary: 'Share a secret with an account, a principal or an organization',
        description:
          'Adds one statement to the secret’s policy, or one principal to a statement that is there. Everything else ' +
          'stays. Repeating it changes nothing. The answer’s `legs` say what else reading across accounts takes, with ' +
          'the JSON to paste.',
        params: SecretParams,
        querystring: DryRun,
        headers: ChangeHeaders,
        body: ref(ShareRequest),
        response: creates(),
      },
    },
    async (request, reply) => {
      const { reason, ticket, ...share } = request.body;
      const base = baseOf(request, { reason, ticket });
      const now = clock();
      const command = shareSecret(base, withExpiry(share, now), { now, legs, granter });
      return reply.answerChange(await changer.change(command), 'shares');
    },
  );
};
