import type { ProblemCode } from '../../src/problems/table.ts';

/** What we touch of an OpenAPI document, as @fastify/swagger gives it. */
export type Document = {
  paths: Record<string, Record<string, ApiOperation>>;
  components: {
    schemas: Record<string, { examples?: Record<string, unknown>[] }>;
    parameters?: object;
    headers?: object;
    responses?: object;
    examples?: object;
  };
};
export type ApiOperation = {
  operationId: string;
  parameters?: (Parameter | Reference)[];
  requestBody?: { required?: boolean; content: Content };
  /** Ours: of the route's config. */
  'x-body-optional'?: boolean;
  responses: Record<string, Response | Reference>;
};
export type Reference = { $ref: string };
export type Parameter = { name: string; in: string };
export type Response = { description: string; content?: Content; headers?: Record<string, object> };
export type Content = Record<string, Media>;
type Media = {
  schema?: { $ref?: string };
  examples?: Record<string, unknown>;
  /** Ours: the codes of the problems that the answer may be. */
  'x-problem-codes'?: readonly ProblemCode[];
};
