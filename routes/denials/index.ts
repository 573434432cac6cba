import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { denyPrincipal } from '../../src/access/commands/deny-principal.ts';
import { baseOf } from '../change-route.ts';
import { type EntryRoutes, entryRoutes } from '../entries.ts';
import { ChangeHeaders, DryRun, SecretParams } from '../parameters.ts';
import { attachesNamed } from '../refusals.ts';
import { creates } from '../responses.ts';
import { ref } from '../schemas.ts';
import { DenialRequest } from './schemas.ts';

export const denialRoutes: FastifyPluginAsyncTypebox<EntryRoutes> = async (app, options) => {
  app.addSchema(DenialRequest);
  await app.register(entryRoutes('denial', 'Deny'), options);

  app.post(
    '/v1/secrets/:secretId/denials',
    {
      config: { changes: true, takesAway: true, refuses: attachesNamed },
      schema: {
        tags: ['Deny'],
        operationId: 'createDenial',
        summary: 'Deny a principal or an account',
        description:
          'An explicit deny beats every allow, those of identity policies too. AWS’s own check makes sure that it does ' +
          'not lock this service out.',
        params: SecretParams,
        querystring: DryRun,
        headers: ChangeHeaders,
        body: ref(DenialRequest),
        response: creates(),
      },
    },
    async (request, reply) => {
      const { reason, ticket, ...denial } = request.body;
      const base = baseOf(request, { reason, ticket });
      return reply.answerChange(await options.changer.change(denyPrincipal(base, denial)), 'denials');
    },
  );
};
