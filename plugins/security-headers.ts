import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import type { FastifyContextConfig } from 'fastify';
import fp from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Where a route takes other headers than the rest: pages for people. */
    helmet?: FastifyHelmetOptions;
    /** The route answers with a page of ours for people; `scripts` are the hashes of those that stand in it. */
    page?: true | { scripts: string[] };
  }
  interface FastifyReply {
    /** A page of ours that calls others too: their URLs. Only of routes with `config.page`. */
    mayCall(urls: readonly string[]): void;
  }
}

const YEAR_S = 31_536_000;

const nothing = {
  'default-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

const originsOf = (urls: readonly string[]): string[] => [...new Set(urls.map((url) => new URL(url).origin))];

/**
 * Swagger UI runs from its own files, and calls this service and, for Authorize, the issuer. It sets style attributes.
 * The window that Authorize opens must find its way back, so that it may keep its opener.
 * @param urls what else the page may call
 */
export const swaggerUiHeaders = (urls: readonly string[]): FastifyHelmetOptions => ({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      ...nothing,
      'script-src': ["'self'"],
      'style-src': ["'self'", "'unsafe-inline'"],
      'img-src': ["'self'", 'data:'],
      'connect-src': ["'self'", ...originsOf(urls)],
    },
  },
  crossOriginOpenerPolicy: { policy: 'unsafe-none' },
});

/**
 * Our own pages: files of this service alone, which call this service alone, and where people sign in. Not even a style
 * attribute is taken.
 */
const pageHeaders = (
  page: NonNullable<FastifyContextConfig['page']>,
  urls: readonly string[] = [],
): FastifyHelmetOptions => ({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      ...nothing,
      'script-src': ["'self'", ...(page === true ? [] : page.scripts)],
      'style-src': ["'self'"],
      'img-src': ["'self'"],
      'connect-src': ["'self'", ...originsOf(urls)],
    },
  },
});

/**
 * Answers are data: nothing in them may run, be framed, sniffed or kept by a cache. Nothing asks for HTTPS on plain
 * HTTP (upgrade-insecure-requests would break Swagger UI on loopback); behind a trusted proxy that has it, HSTS does.
 */
export default fp(
  async (app) => {
    // Before helmet's own hook, which reads it.
    app.addHook('onRoute', ({ config }) => {
      if (config?.page !== undefined) config.helmet = pageHeaders(config.page);
    });
    app.decorateReply('mayCall', function (urls) {
      const { page } = this.request.routeOptions.config;
      if (page === undefined) throw new Error('This route answers with no page.');
      this.helmet(pageHeaders(page, urls));
    });
    await app.register(helmet, {
      contentSecurityPolicy: { useDefaults: false, directives: nothing },
      strictTransportSecurity: false,
      xFrameOptions: { action: 'deny' },
    });
    app.addHook('onRequest', async (request, reply) => {
      reply.header('cache-control', 'no-store');
      if (request.protocol === 'https') reply.header('strict-transport-security', `max-age=${YEAR_S}`);
    });
  },
  { name: 'security-headers' },
);
