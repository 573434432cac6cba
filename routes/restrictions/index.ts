import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { restrictAccess } from '../../src/access/commands/restrict-access.ts';
import { baseOf } from '../change-route.ts';
import { type EntryRoutes, entryRoutes } from '../entries.ts';
import { ChangeHeaders, DryRun, SecretParams } from '../parameters.ts';
import { attachesNamed } from '../refusals.ts';
import { creates } from '../responses.ts';
import { ref } from '../schemas.ts';
import { RestrictionRequest } from './schemas.ts';

export const restrictionRoutes: FastifyPluginAsyncTypebox<EntryRoutes> = async (app, options) => {
  app.addSchema(RestrictionRequest);
  await app.register(entryRoutes('restriction', 'Restrict'), options);

  app.post(
    '/v1/secrets/:secretId/restrictions',
    {
      config: { changes: true, refuses: attachesNamed },
      schema: {
        tags: ['Restrict'],
        operationId: 'createRestriction',
        summary: 'Deny everyone outside a boundary',
        description:
          'It allows nobody: whoever is inside still needs a share or an identity policy. AWS services that call by ' +
          'themselves stay allowed, and so do those that pass on the call of somebody who may (CloudFormation). Roles that ' +
          'services use are denied as everybody is: name that of the rotation function in `exceptPrincipals`, and of a ' +
          'network except service-linked roles by `exceptServiceLinkedRoles` where AWS services need the secret.',
        params: SecretParams,
        querystring: DryRun,
        headers: ChangeHeaders,
        body: ref(RestrictionRequest),
        response: creates(),
      },
    },
    async (request, reply) => {
      const { reason, ticket, ...restriction } = request.body;
      const base = baseOf(request, { reason, ticket });
      return reply.answerChange(await options.changer.change(restrictAccess(base, restriction)), 'restrictions');
    },
  );
};
