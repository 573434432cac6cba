import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fp from 'fastify-plugin';
import Type from 'typebox';
import { swaggerUiHeaders } from './security-headers.ts';

export const tags = [
  { name: 'Share', description: 'Let an account, a principal or an organization use a secret.' },
  { name: 'Deny', description: 'Make sure that somebody can never read a secret, whatever else allows it.' },
  {
    name: 'Restrict',
    description: 'Deny everyone outside a boundary: an organization, VPC endpoints, addresses, principals.',
  },
  { name: 'Approve', description: 'Changes that a guardrail holds until a second person says yes.' },
  { name: 'Policy', description: 'The whole policy: see it, replace it, detach it, go back.' },
  { name: 'Look', description: 'Secrets, who can read them, and the templates that make statements.' },
  { name: 'Audit', description: 'Who changed what, when and why; and whether the log is whole.' },
  { name: 'Run', description: 'For those who run the service.' },
];

const landing = `Share AWS Secrets Manager secrets with other accounts, and make sure that somebody can never read them.
Every change is recorded before it is made, other people’s statements are never touched, and the value of a secret is never read.

**Your first share (local mode):** open *Share → POST /v1/secrets/{secretId}/shares*, press *Try it out*, then *Execute*: it
lets the user Mary of account 123456789999 read \`demo/database\`. The answer shows the policy, the difference, and what else
reading across accounts takes. Then *Deny → POST …/denials* takes it from her for good, and *Audit → GET /v1/audit-events* shows both.`;

/** OpenAPI 3.1 from the routes' own schemas, and Swagger UI at /docs. */
export default fp<{ version: string; issuer?: string; oauthClientId?: string }>(
  async (app, { version, issuer, oauthClientId }) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Secret access',
          version,
          description: landing,
          license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        },
        servers: [{ url: '/', description: 'This service' }],
        tags,
        components: {
          securitySchemes: {
            bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'AUTH_MODE jwt' },
            apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'AUTH_MODE api-key' },
          },
        },
        security: [{ bearer: [] }, { apiKey: [] }, {}],
      },
      refResolver: { buildLocalReference: (json, _base, _fragment, index) => String(json['$id'] ?? `schema-${index}`) },
    });
    await app.register(async (docs) => {
      docs.addHook('onRoute', (route) => {
        route.config = { ...route.config, public: true, helmet: swaggerUiHeaders(issuer) };
        // The issuer redirects to a file of Swagger UI with a code in the query.
        route.schema = { ...route.schema, querystring: Type.Object({}) };
      });
      await docs.register(swaggerUi, {
        routePrefix: '/docs',
        uiConfig: {
          deepLinking: true,
          docExpansion: 'list',
          displayRequestDuration: true,
          tryItOutEnabled: true,
          persistAuthorization: true,
        },
        ...(oauthClientId !== undefined && {
          initOAuth: { clientId: oauthClientId, usePkceWithAuthorizationCodeGrant: true },
        }),
        theme: { title: 'Secret access' },
      });
    });
  },
  { name: 'openapi', dependencies: ['security-headers', 'identity'] },
);
