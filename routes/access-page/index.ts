import { readFileSync } from 'node:fs';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { SecretParams } from '../parameters.ts';

const TYPES = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

const file = (path: string) => ({
  type: TYPES[path.split('.').at(-1) as keyof typeof TYPES],
  content: readFileSync(new URL(path, import.meta.url), 'utf8'),
});

const files = new Map([
  ['logo.svg', file('../../plugins/openapi/look/logo.svg')],
  ...['page.css', 'api.js', 'elements.js', 'list.js', 'secret.js', 'reader.js', 'words.js'].map(
    (name) => [name, file(`page/${name}`)] as const,
  ),
]);
const list = file('page/list.html');
const secret = file('page/secret.html');

/**
 * Who can read a secret, as a picture for people. The pages hold no data and so are public: their scripts ask the API,
 * with the credentials of whoever looks.
 */
export const accessPageRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const config = { public: true, page: true } as const;
  const schema = { hide: true };

  app.get('/access', { config, schema: { ...schema, querystring: SearchQuery } }, async (_, reply) =>
    reply.type(list.type).send(list.content),
  );
  app.get('/access/:secretId', { config, schema: { ...schema, params: SecretParams } }, async (_, reply) =>
    reply.type(secret.type).send(secret.content),
  );
  const params = Type.Object({ name: Type.String() });
  app.get('/access-files/:name', { config, schema: { ...schema, params } }, async (request, reply) => {
    const found = files.get(request.params.name);
    if (found === undefined) return reply.callNotFound();
    return reply.type(found.type).send(found.content);
  });
};

/** The page's script reads it: a search can be linked to. */
const SearchQuery = Type.Object(
  { name: Type.Optional(Type.String({ maxLength: 512 })) },
  { additionalProperties: false },
);
