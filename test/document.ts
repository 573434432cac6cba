import type { FastifyInstance } from 'fastify';
import type { ProblemCode } from '../src/problems/table.ts';

/** As much of a JSON Schema as the document uses. */
export type Schema = {
  $ref?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  properties?: Record<string, Schema | false>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  minProperties?: number;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  examples?: unknown[];
};
export type Parameter = {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Schema;
  example?: unknown;
};
type Examples = Record<string, { value: unknown }>;
type Content = Record<
  string,
  { schema: Schema; examples?: Examples; 'x-problem-codes'?: ProblemCode[]; 'x-endless'?: true }
>;
type Response = { description: string; content?: Content; headers?: Record<string, unknown> };
export type ApiOperation = {
  method: string;
  path: string;
  operationId: string;
  tags?: string[];
  summary?: string;
  description?: string;
  security?: object[];
  parameters: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, Response>;
};

type Referring<Value> = Value | { $ref: string };
export type Document = {
  components: {
    schemas: Record<string, Schema>;
    parameters: Record<string, Parameter>;
    responses: Record<string, Response>;
  };
};
type Paths = {
  paths: Record<
    string,
    Record<
      string,
      Omit<ApiOperation, 'parameters' | 'responses'> & {
        parameters?: Referring<Parameter>[];
        responses: Record<string, Referring<Response>>;
      }
    >
  >;
};

export const documentOf = (app: Pick<FastifyInstance, 'swagger'>) => app.swagger() as unknown as Document & Paths;

/** The operations of the OpenAPI document, with what is shared put back where it is referred to. */
export function operationsOf(app: Pick<FastifyInstance, 'swagger'>): ApiOperation[] {
  const { paths, components } = documentOf(app);
  const resolve = <Value extends object>(kind: Record<string, Value>, found: Referring<Value>): Value => {
    if (!('$ref' in found)) return found;
    const value = kind[found.$ref.split('/').at(-1) ?? ''];
    if (value === undefined) throw new Error(`${found.$ref} leads nowhere`);
    return value;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], responses, ...operation }]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
      parameters: parameters.map((parameter) => resolve(components.parameters, parameter)),
      responses: Object.fromEntries(
        Object.entries(responses).map(([status, response]) => [status, resolve(components.responses, response)]),
      ),
    })),
  );
}

/** Whether the answer goes on until nobody reads it any more. */
export const isEndless = ({ responses }: ApiOperation): boolean =>
  Object.values(responses['200']?.content ?? {}).some((media) => media['x-endless'] === true);

/** A schema, or the one that it refers to. */
export const deref = (schema: Schema, { components }: Document): Schema => {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : deref(components.schemas[name] ?? {}, { components });
};
