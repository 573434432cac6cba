import AjvCompiler from '@fastify/ajv-compiler';
import type { FastifyServerOptions, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import Type from 'typebox';
import { DomainError } from '../../src/problems/problem.ts';

type Schemas = Record<string, unknown>;
type Validate = { (value: unknown): unknown; errors?: unknown };
type Compile = (route: { httpPart?: string; schema?: unknown }) => Validate;
const build = AjvCompiler() as (schemas: Schemas, options: object) => Compile;

/**
 * Unknown fields are refused, never dropped: a misspelt `denny` must not vanish. Bodies are taken as they are; only
 * query, path and header values are coerced, since they are always texts (`?dryRun=true`). Answers are typed where they
 * are made: a serializer for each status of each route would double the time and memory of the start, and save nothing.
 */
export const strictCompilers = {
  compilersFactory: {
    buildSerializer: () => () => JSON.stringify,
    buildValidator(schemas: Schemas) {
      // Asked for each route, of which all know the same schemas: an id stands for one schema only.
      const ids = Object.keys(schemas).join(' ');
      const known = compilers.get(ids) ?? compilerOf(schemas);
      compilers.set(ids, known);
      return known;
    },
  },
} as NonNullable<FastifyServerOptions['schemaController']>;

const compilers = new Map<string, Compile>();

function compilerOf(schemas: Schemas): Compile {
  const body = explaining(schemas, { coerceTypes: false });
  const rest = explaining(schemas, { coerceTypes: 'array' });
  // Routes that say the same share one validator.
  const validators = new Map<string, Validate>();
  return (route) => {
    const isBody = route.httpPart === 'body';
    const name = `${isBody} ${JSON.stringify(route.schema)}`;
    const known = validators.get(name) ?? (isBody ? body : rest)(route);
    validators.set(name, known);
    return known;
  };
}

/**
 * Stops at the first error, whatever the value holds. Of a small value, as people write it, all errors are told then. Either
 * validator is compiled by the first who needs it: all of them took a quarter of the start, and few are needed soon.
 */
function explaining(schemas: Schemas, custom: object): Compile {
  const checks = once(() => build(schemas, options({ ...custom, allErrors: false })));
  const explanations = once(() => build(schemas, options({ ...custom, allErrors: true })));
  return (route) => {
    const check = once(() => checks()(route));
    const checkAll = once(() => explanations()(route));
    const validate: Validate = (value) => {
      if (check()(value) === true) return true;
      validate.errors = check().errors;
      if (isSmall(value) && checkAll()(value) === false) validate.errors = checkAll().errors;
      return false;
    };
    return validate;
  };
}

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const options = (custom: object) => ({
  customOptions: { removeAdditional: false, useDefaults: true, verbose: true, ...custom },
  onCreate({ formats }: { formats: { 'date-time': { validate(text: string): boolean } } }) {
    const { validate, ...rest } = formats['date-time'];
    formats['date-time'] = { ...rest, validate: (text) => validate(text) && isInstant(text) };
  },
});

/** RFC 3339 knows leap seconds, and offsets that lead out of its four-digit years; neither `Date` nor AWS does. */
function isInstant(text: string): boolean {
  const year = new Date(text).getUTCFullYear();
  return year >= 0 && year <= 9999;
}

/** Values and characters, so many that judging each of them takes no time that anybody notices. */
const SMALL = { values: 300, characters: 16_384 };

function isSmall(value: unknown): boolean {
  const left = { ...SMALL };
  const fits = (one: unknown): boolean => {
    left.values -= 1;
    if (typeof one === 'string') left.characters -= one.length;
    if (left.values < 0 || left.characters < 0) return false;
    return (
      typeof one !== 'object' ||
      one === null ||
      Object.entries(one).every(([name, member]) => fits(name) && fits(member))
    );
  };
  return fits(value);
}

const noBody = () => new DomainError('validation-failed', { why: 'This call takes no body.' });
const Nothing = Type.Object({}, { additionalProperties: false });

/** A route that names no query parameters takes none; one that names no body takes none, but for the `{}` that clients POST. */
export default fp(
  async (app) => {
    app.addHook('onRoute', (route: RouteOptions) => {
      route.schema = { querystring: Nothing, ...route.schema };
    });
    app.addHook('preParsing', async ({ routeOptions, headers, method }) => {
      const sendsBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
      if (sendsBody && method !== 'POST' && routeOptions.schema?.body === undefined) throw noBody();
    });
    app.addHook('preValidation', async ({ params, query, body, routeOptions }) => {
      const isUnexpected = body !== undefined && routeOptions.schema?.body === undefined;
      if (isUnexpected && JSON.stringify(body) !== '{}') throw noBody();
      const texts = [params, query].flatMap((part) => Object.values(part as Record<string, unknown>).flat());
      if (texts.some((text) => typeof text === 'string' && text.includes('\0'))) {
        throw new DomainError('validation-failed', { why: 'A parameter holds a NUL.' });
      }
    });
  },
  { name: 'strict-input' },
);
