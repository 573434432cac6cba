import AjvCompiler from '@fastify/ajv-compiler';
import type { FastifyServerOptions, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import Type from 'typebox';

/**
 * Unknown fields are refused, never dropped: a misspelt `denny` must not vanish. Bodies are taken as they are; only
 * query, path and header values are coerced, since they are always texts (`?dryRun=true`).
 */
export const strictCompilers = {
  compilersFactory: {
    buildValidator(externalSchemas: unknown) {
      const build = AjvCompiler() as (schemas: unknown, options: object) => (route: { httpPart?: string }) => unknown;
      const body = build(externalSchemas, options({ coerceTypes: false }));
      const rest = build(externalSchemas, options({ coerceTypes: 'array' }));
      return (route: { httpPart?: string }) => (route.httpPart === 'body' ? body : rest)(route);
    },
  },
} as NonNullable<FastifyServerOptions['schemaController']>;

const options = (custom: Record<string, unknown>) => ({
  customOptions: { removeAdditional: false, useDefaults: true, allErrors: true, ...custom },
});

const Nothing = Type.Object({}, { additionalProperties: false });

/** A route that names no query parameters takes none; one that names no body takes none. */
export default fp(
  async (app) => {
    app.addHook('onRoute', (route: RouteOptions) => {
      route.schema = { querystring: Nothing, ...route.schema };
    });
  },
  { name: 'strict-input' },
);
