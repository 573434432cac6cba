import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AuthorizationChecker } from '../../src/access/guard/check-authorization.ts';
import { looksAtSecret } from '../refusals.ts';
import { answers } from '../responses.ts';
import { ref } from '../schemas.ts';
import { AuthorizationCheck, AuthorizationCheckRequest, authorizationCheckComponents } from './schemas.ts';

export const authorizationCheckRoutes: FastifyPluginAsyncTypebox<{ checker: AuthorizationChecker }> = async (
  app,
  { checker },
) => {
  for (const schema of authorizationCheckComponents) app.addSchema(schema);

  app.post(
    '/v1/authorization-checks',
    {
      config: { bodyOptional: true, refuses: looksAtSecret },
      schema: {
        tags: ['Look'],
        operationId: 'checkAuthorization',
        summary: 'What you may do',
        description:
          'Asks the guardrails of this service about you, and does nothing. It says what is allowed, what would wait for ' +
          'a second person, and which guardrails say so. AWS may still refuse what the guardrails allow.',
        body: ref(AuthorizationCheckRequest),
        response: answers(ref(AuthorizationCheck)),
      },
    },
    async (request) => ({ items: await checker.check(request.identity, request.body) }),
  );
};
