import type { SwaggerTransform } from '@fastify/swagger';
import type { FastifySchema, RouteOptions } from 'fastify';
import { isPassing, type ProblemCode, problems } from '../../src/problems/table.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The codes that the route's own use case refuses with. */
    refuses?: readonly ProblemCode[];
  }
}

/**
 * Shows in the document of each route the answers that say no: what its use case refuses with, and what follows from the
 * route itself. A status that the route describes (the 503 of a probe) stays as it is.
 */
export const withRefusals: SwaggerTransform = ({ schema = {}, url, route }) => {
  const { response, ...rest } = schema as FastifySchema & { response?: object };
  const codes = [...new Set([...refusalsOfAny(route), ...(route.config?.refuses ?? [])])];
  const open = route.config?.public === true && { security: [] };
  const free = route.config?.bodyOptional === true && { 'x-body-optional': true };
  return { schema: { ...rest, ...open, ...free, response: { ...refusedWith(codes), ...response } }, url };
};

/** What plugins refuse before the handler is asked. */
function refusalsOfAny({ method, config = {} }: RouteOptions): ProblemCode[] {
  const { public: isPublic = false, probe = false, changes = false } = config;
  return [
    'validation-failed',
    'uri-too-long',
    ...(isPublic ? [] : (['unauthenticated'] as const)),
    ...(probe ? [] : (['rate-limited', 'overloaded', 'internal-error'] as const)),
    // A body is read where none is expected, too, and refused.
    ...(method === 'GET' ? [] : (['malformed-json', 'body-too-large', 'unsupported-media-type'] as const)),
    ...(changes ? (['idempotency-in-flight', 'idempotency-key-reused', 'audit-unavailable'] as const) : []),
  ];
}

/** By status; machines read the codes too. */
function refusedWith(codes: readonly ProblemCode[]): Record<number, object> {
  const statuses = [...new Set(codes.map((code) => problems[code].status))].sort();
  return Object.fromEntries(
    statuses.map((status) => {
      const ofStatus = codes.filter((code) => problems[code].status === status).sort();
      const content = { 'application/problem+json': { schema: { $ref: 'Problem#' }, 'x-problem-codes': ofStatus } };
      return [status, { description: describe(ofStatus), content, headers: headersOf(ofStatus) }];
    }),
  );
}

const describe = (codes: readonly ProblemCode[]): string =>
  codes.length === 1 && codes[0] !== undefined
    ? `\`${codes[0]}\`: ${problems[codes[0]].title}`
    : codes.map((code) => `- \`${code}\`: ${problems[code].title}`).join('\n');

const RETRY_AFTER = { 'Retry-After': { type: 'integer', description: 'Seconds after which a retry makes sense.' } };
const WWW_AUTHENTICATE = { 'WWW-Authenticate': { type: 'string', description: 'How to say who you are (RFC 9110).' } };

/** As plugins/problems sets them. */
function headersOf(codes: readonly ProblemCode[]): object {
  const statuses = codes.map((code) => problems[code].status);
  return { ...(codes.some(isPassing) && RETRY_AFTER), ...(statuses.includes(401) && WWW_AUTHENTICATE) };
}
