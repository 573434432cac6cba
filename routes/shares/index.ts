import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { withExpiry } from '../../src/access/commands/expires-in.ts';
import { shareSecret } from '../../src/access/commands/share-secret.ts';
import type { Instructor } from '../../src/access/instructions/index.ts';
import type { LegExaminer } from '../../src/access/judge/legs/legs.ts';
import type { Clock } from '../../src/clock.ts';
import { baseOf } from '../change-route.ts';
import { type EntryRoutes, entryRoutes } from '../entries.ts';
import { ChangeHeaders, DryRun, entryParams, SecretParams } from '../parameters.ts';
import { looksAtPolicy, shares } from '../refusals.ts';
import { answers, creates } from '../responses.ts';
import { ref } from '../schemas.ts';
import { ShareInstructions, ShareRequest } from './schemas.ts';

type ShareRoutes = EntryRoutes & { instructor: Instructor; legs: LegExaminer; clock: Clock };

export const shareRoutes: FastifyPluginAsyncTypebox<ShareRoutes> = async (app, options) => {
  const { changer, instructor, legs, granter, clock } = options;
  app.addSchema(ShareRequest);
  app.addSchema(ShareInstructions);
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

  app.get(
    '/v1/secrets/:secretId/shares/:shareId/instructions',
    {
      config: { refuses: [...looksAtPolicy, 'share-not-found'] },
      schema: {
        tags: ['Share'],
        operationId: 'getShareInstructions',
        summary: 'What the reader of a share needs on its own side',
        description:
          'To hand to whoever looks after the reader’s account: the ARN to use in each Region, the identity policy, the call by ' +
          'command line, JavaScript and Python, and what may still be in the way. `markdown` says all of it to people.',
        params: entryParams('share'),
        response: answers(ref(ShareInstructions)),
      },
    },
    async (request) => instructor.forReader(request.identity, request.params.secretId, String(request.params.shareId)),
  );
};
