import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AccessChecker } from '../../src/access/judge/check-access.ts';
import { SecretParams } from '../parameters.ts';
import { looksAtPolicy } from '../refusals.ts';
import { answers } from '../responses.ts';
import { ref } from '../schemas.ts';
import { AccessCheck, AccessCheckRequest } from './schemas.ts';

export const accessCheckRoutes: FastifyPluginAsyncTypebox<{ checker: AccessChecker }> = async (app, { checker }) => {
  for (const schema of [AccessCheckRequest, AccessCheck]) app.addSchema(schema);

  app.post(
    '/v1/secrets/:secretId/access-checks',
    {
      config: { refuses: [...looksAtPolicy, 'principal-not-nameable'] },
      schema: {
        tags: ['Look'],
        operationId: 'checkAccess',
        summary: 'May this principal read the secret?',
        description:
          'What the policy attached now says of one call: nothing is changed, and nobody’s credentials are used. ' +
          'For a principal of another account `allowed` means that the secret’s policy lets it; the key and the ' +
          'principal’s own identity policy must let it too, and `legs` says how those stand. Give `identityPolicies` ' +
          'to have them count. For a principal of the secret’s own account, whom an identity policy alone may let ' +
          'in, a policy that does not speak of it leaves the answer `unknown`. Conditions on what you do not give in ' +
          '`context` are never guessed either: `dependsOn` names them. Not seen: service control policies, resource ' +
          'control policies, permissions boundaries and session policies, which can only take away.',
        params: SecretParams,
        body: ref(AccessCheckRequest),
        response: answers(ref(AccessCheck)),
      },
    },
    async (request) => checker.check(request.identity, request.params.secretId, request.body),
  );
};
