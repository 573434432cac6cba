import type { FastifyInstance } from 'fastify';

export type Parameter = { name: string; in: 'path' | 'query' | 'header'; required?: boolean; example?: unknown };
export type Content = Record<string, { schema: { $ref?: string }; 'x-problem-codes'?: string[] }>;
export type Response = { description: string; content?: Content; headers?: Record<string, unknown> };
export type Operation = {
  method: string;
  path: string;
  operationId: string;
  tags?: string[];
  summary?: string;
  description?: string;
  security?: object[];
  parameters: Parameter[];
  requestBody?: { content: { 'application/json': { schema: { $ref: string } } } };
  responses: Record<string, Response>;
};

type Referring<Value> = Value | { $ref: string };
type Document = {
  paths: Record<
    string,
    Record<
      string,
      Omit<Operation, 'parameters' | 'responses'> & {
        parameters?: Referring<Parameter>[];
        responses: Record<string, Referring<Response>>;
      }
    >
  >;
  components: { parameters: Record<string, Parameter>; responses: Record<string, Response> };
};

/** The operations of the OpenAPI document, with what is shared put back where it is referred to. */
export function operationsOf(app: Pick<FastifyInstance, 'swagger'>): Operation[] {
  const { paths, components } = app.swagger() as unknown as Document;
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
