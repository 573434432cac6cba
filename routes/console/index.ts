import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { SecretParams } from '../parameters.ts';
import { consoleFiles, consolePage, versionOf } from './files.ts';
import { type SignIn, withSignIn } from './sign-in.ts';

const files = consoleFiles();
const version = versionOf(files);
const { html, script } = consolePage(files, version);

/** Where a file of the console is, by its path in its folder. */
export const addressOfFile = (path: string): string => `/console-files/${version}/${path}`;

/** `signIn`: how people do, null while the issuer can't be asked; left out where they paste what they have. */
type Options = { signIn?: (() => Promise<(SignIn & { tokenUrl: string }) | null>) | undefined };

/**
 * The console: one page for every address under /console, which asks the API with the credentials of whoever looks. It
 * holds no data itself, and so is public.
 */
export const consoleRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { signIn }) => {
  const page = {
    config: { public: true, page: { scripts: [script] } },
    // What the page makes of a query is its own: none is refused.
    schema: { hide: true, querystring: Type.Object({}) },
  };
  for (const path of ['/console', '/console/', '/console/*']) {
    app.get(path, page, async (_, reply) => {
      const known = (await signIn?.()) ?? null;
      if (known !== null) reply.mayCall([known.issuer, known.tokenUrl]);
      return reply.type('text/html; charset=utf-8').send(withSignIn(html, known));
    });
  }

  // Where the pictures stood that could only be looked at.
  const moved = {
    config: { public: true },
    schema: { hide: true, querystring: Type.Object({ name: Type.Optional(Type.String()) }) },
  };
  app.get('/access', moved, async ({ query: { name } }, reply) =>
    reply.redirect(`/console/secrets${name ? `?text=${encodeURIComponent(name)}` : ''}`, 308),
  );
  app.get(
    '/access/:secretId',
    { ...moved, schema: { ...moved.schema, params: SecretParams } },
    async ({ params }, reply) => reply.redirect(`/console/secrets/${encodeURIComponent(params.secretId)}`, 308),
  );

  await app.register(fastifyStatic, { serve: false });
  app.get(
    '/console-files/*',
    { config: { public: true, page: true }, schema: { hide: true, params: Type.Object({ '*': Type.String() }) } },
    async ({ params }, reply) => {
      const [asked, ...path] = params['*'].split('/');
      const file = files.get(path.join('/'));
      // Modules of two releases do not go together: a page of the one before says that it must be loaded again.
      if (file === undefined || asked !== version) return reply.callNotFound();
      return reply.sendFile(file.name, file.folder, { immutable: true, maxAge: '365d' });
    },
  );
};
