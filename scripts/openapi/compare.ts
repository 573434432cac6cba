import { compareSchemas, type Schema } from './compare-schemas.ts';

/** As much of an OpenAPI document as clients depend on. */
export type Document = {
  info: { version: string };
  paths: Record<string, Record<string, ApiOperation>>;
  components: Record<string, Record<string, unknown>>;
};
type Referring<Value> = Value | { $ref: string };
type ApiOperation = {
  operationId: string;
  security?: object[];
  parameters?: Referring<Parameter>[];
  requestBody?: { required?: boolean; content: Content };
  responses: Record<string, Referring<Response>>;
};
type Parameter = { in: string; name: string; required?: boolean; schema: Schema };
type Response = { content?: Content; headers?: Record<string, unknown> };
type Content = Record<string, { schema: Schema }>;

/**
 * What of a document breaks clients of one before (docs/api-versioning.md), one line each. What is new is not told of,
 * unless a client has to do something about it.
 */
export function incompatibilities(before: Document, after: Document): string[] {
  const now = new Map(operationsOf(after));
  const told = operationsOf(before).flatMap(([name, operation]) => {
    const found = now.get(name);
    const broken = found === undefined ? ['is gone'] : compareOperations(operation, found, before, after);
    return [...new Set(broken)].map((what) => ({ name, what }));
  });
  return [...Map.groupBy(told, ({ what }) => what)].map(([what, { 0: first, length }]) =>
    length === 1 ? `${first?.name}: ${what}` : `${first?.name} and ${length - 1} more: ${what}`,
  );
}

/** By method and path; what a path parameter is called is not seen on the wire. */
const operationsOf = ({ paths }: Document): [string, ApiOperation][] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, ApiOperation] => [
      `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, '{}')}`,
      operation,
    ]),
  );

function compareOperations(was: ApiOperation, is: ApiOperation, before: Document, after: Document): string[] {
  const schemas = (direction: 'request' | 'response', old: Schema, now: Schema, at: string) =>
    compareSchemas({ direction, before, after }, old, now, at);
  const contents = (direction: 'request' | 'response', old: Content = {}, now: Content = {}, at: string) =>
    Object.entries(old).flatMap(([type, { schema }]) => {
      const found = now[type];
      return found === undefined ? [`${at} ${type} is gone`] : schemas(direction, schema, found.schema, at);
    });

  const parameters = () => {
    const [old, now] = [parametersOf(was, before), parametersOf(is, after)];
    return [
      ...[...now].flatMap(([at, { required }]) =>
        required === true && old.get(at)?.required !== true ? [`${at} is required`] : [],
      ),
      ...[...old].flatMap(([at, { schema }]) => {
        const found = now.get(at);
        return found === undefined ? [`${at} is gone`] : schemas('request', schema, found.schema, at);
      }),
    ];
  };
  const body = () => [
    ...(is.requestBody?.required === true && was.requestBody?.required !== true ? ['the body is required'] : []),
    ...contents('request', was.requestBody?.content, is.requestBody?.content, 'the body'),
  ];
  const answers = () =>
    Object.entries(was.responses).flatMap(([status, response]) => {
      if (is.responses[status] === undefined) return isSuccess(status) ? [`the answer ${status} is gone`] : [];
      const [old, now] = [resolve(response, before), resolve(is.responses[status], after)];
      const headers = Object.keys(old.headers ?? {}).filter((name) => !(name in (now.headers ?? {})));
      return [
        ...headers.map((name) => `the header ${name} of ${status} is gone`),
        ...contents('response', old.content, now.content, `${status}`),
      ];
    });
  const successes = Object.keys(is.responses).filter((status) => isSuccess(status) && !(status in was.responses));

  return [
    ...(was.security?.length === 0 && is.security?.length !== 0 ? ['takes credentials'] : []),
    ...(was.operationId === is.operationId ? [] : [`is called ${is.operationId}`]),
    ...parameters(),
    ...body(),
    ...answers(),
    ...successes.map((status) => `may succeed with ${status}`),
  ];
}

const isSuccess = (status: string): boolean => status.startsWith('2');

/** By where they are and what they are called; path parameters by their place. */
function parametersOf({ parameters = [] }: ApiOperation, document: Document): Map<string, Parameter> {
  const all = parameters.map((parameter) => resolve(parameter, document));
  const inPath = all.filter((parameter) => parameter.in === 'path');
  return new Map(
    all.map((parameter) => {
      const name = parameter.in === 'path' ? `${inPath.indexOf(parameter) + 1}` : parameter.name.toLowerCase();
      return [`the ${parameter.in} parameter ${name}`, parameter];
    }),
  );
}

/** What a reference to a component leads to. */
export function resolve<Value extends object>(value: Referring<Value>, { components }: Document): Value {
  if (!('$ref' in value)) return value;
  const [kind = '', name = ''] = value.$ref.split('/').slice(2);
  const found = components[kind]?.[name];
  if (found === undefined) throw new Error(`${value.$ref} leads nowhere`);
  return found as Value;
}
