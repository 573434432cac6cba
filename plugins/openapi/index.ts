import { readFileSync } from 'node:fs';
import swagger, { type SwaggerTransformObject } from '@fastify/swagger';
import swaggerUi, { type FastifySwaggerUiOptions } from '@fastify/swagger-ui';
import fp from 'fastify-plugin';
import Type from 'typebox';
import type { AuthConfig } from '../../src/authentication/index.ts';
import { createOAuthEndpoints, type OAuthEndpoints, scopes } from '../oauth.ts';
import { swaggerUiHeaders } from '../security-headers.ts';
import { shareComponents } from './components.ts';
import type { Document } from './document.ts';
import { addAnswers, addExamples } from './examples.ts';
import { addHeaders } from './headers.ts';
import { landing, tags } from './landing.ts';
import { withRefusals } from './refusals.ts';
import { createWrittenDocument, formOf } from './written-document.ts';

const TITLE = 'Secret access';

type Options = {
  version: string;
  /** AUTH_MODE */
  mode: AuthConfig['mode'];
  /** Who gives the tokens, and our client there: then Swagger UI lets people sign in. */
  oauth?: { issuer: string; clientId: string } | undefined;
};

const bearer = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: 'AUTH_MODE jwt: paste an access token.',
} as const;
const apiKey = {
  type: 'apiKey',
  in: 'header',
  name: 'x-api-key',
  description: 'AUTH_MODE api-key: paste the key.',
} as const;

/** What a call that is not public takes: the document of the product names both ways, a service its own. */
export const EITHER = {
  security: [{ bearer: [] }, { apiKey: [] }] satisfies Security,
  securitySchemes: { bearer, apiKey },
};
const BY_MODE: Record<Options['mode'], Security> = { jwt: [{ bearer: [] }], 'api-key': [{ apiKey: [] }], none: [{}] };
type Security = Record<string, string[]>[];

/** OpenAPI 3.1 from the routes' own schemas, and Swagger UI at /docs. */
export default fp<Options>(
  async (app, { version, mode, oauth }) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: TITLE,
          version,
          description: landing(mode !== 'none'),
          license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        },
        servers: [{ url: '/', description: 'This service' }],
        tags,
        components: {
          // Where nobody signs in there is none: Swagger UI would offer to.
          ...(mode === 'jwt' && { securitySchemes: { bearer } }),
          ...(mode === 'api-key' && { securitySchemes: { apiKey } }),
        },
        security: BY_MODE[mode],
      },
      refResolver: { buildLocalReference: (json, _base, _fragment, index) => String(json['$id'] ?? `schema-${index}`) },
      transform: withRefusals,
      transformObject: finish,
    });
    await app.register(async (docs) => {
      const endpoints = oauth === undefined ? async () => null : createOAuthEndpoints(oauth.issuer, app.log);
      let known: OAuthEndpoints | null = null;
      docs.addHook('onRoute', (route) => {
        route.config = { ...route.config, public: true };
        // The issuer redirects to a file of Swagger UI with a code in the query.
        route.schema = { ...route.schema, querystring: Type.Object({}) };
      });
      docs.addHook('onRequest', async (_, reply) => {
        known = await endpoints();
        reply.helmet(swaggerUiHeaders(oauth === undefined ? [] : [oauth.issuer, ...(known ? [known.tokenUrl] : [])]));
      });
      const written = createWrittenDocument(() => app.swagger());
      docs.addHook('preHandler', async (request, reply) => {
        const form = formOf(request);
        if (form !== null) await reply.type(form.type).send(await written(form, known));
      });
      await docs.register(swaggerUi, {
        routePrefix: '/docs',
        uiConfig,
        ...(oauth && {
          initOAuth: { clientId: oauth.clientId, scopes: Object.keys(scopes), usePkceWithAuthorizationCodeGrant: true },
        }),
        theme,
        // Ours is in the header that look/swagger-ui.js makes. (null is none, which its type does not know.)
        logo: null as never,
      });
    });
  },
  { name: 'openapi', dependencies: ['security-headers', 'identity'] },
);

/** What is said of the whole document, once all routes are in it. */
const finish: SwaggerTransformObject = (given) => {
  if (!('openapiObject' in given)) return given.swaggerObject;
  const document = given.openapiObject as Document;
  addAnswers(document);
  freeBodies(document);
  addExamples(document);
  addHeaders(document);
  shareComponents(document);
  return given.openapiObject;
};

/** @fastify/swagger takes every body for required. */
function freeBodies({ paths }: Document): void {
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) {
    if (operation['x-body-optional'] && operation.requestBody) operation.requestBody.required = false;
    delete operation['x-body-optional'];
  }
}

/** Credentials are kept nowhere but in the page: it is gone with them. */
const uiConfig: NonNullable<FastifySwaggerUiOptions['uiConfig']> = {
  deepLinking: true,
  docExpansion: 'none',
  displayRequestDuration: true,
  tryItOutEnabled: true,
  filter: true,
  persistAuthorization: false,
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 1,
  defaultModelRendering: 'example',
};

const look = (file: string): string => readFileSync(new URL(`look/${file}`, import.meta.url), 'utf8');

const theme: NonNullable<FastifySwaggerUiOptions['theme']> = {
  title: TITLE,
  favicon: [
    { filename: 'logo.svg', rel: 'icon', type: 'image/svg+xml', sizes: 'any', content: Buffer.from(look('logo.svg')) },
  ],
  css: [{ filename: 'look.css', content: look('swagger-ui.css') }],
  js: [
    { filename: 'look.js', content: look('swagger-ui.js') },
    { filename: 'resolve.js', content: look('resolve.js') },
  ],
};
