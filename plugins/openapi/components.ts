import { STATUS_CODES } from 'node:http';
import type { ApiOperation, Document, Parameter, Reference, Response } from './document.ts';

/** One place of the document where something stands that may stand elsewhere too. */
type Use<Value> = { name: string; value: Value; operationId: string; refer(to: Reference): void };

/**
 * Says once what several operations say alike: parameters, headers and answers. The names come from what it is, so that
 * they stay as operations are added.
 */
export function shareComponents({ paths, components }: Document): void {
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  components.parameters = shared('parameters', operations.flatMap(parametersOf));
  components.headers = shared('headers', operations.flatMap(headersOf));
  components.responses = shared('responses', operations.flatMap(responsesOf));
}

/** Refers every use of what is used more than once to one component. @returns the components, by name */
function shared<Value extends object>(kind: string, uses: readonly Use<Value>[]): Record<string, Value> {
  const named: Record<string, Value> = {};
  for (const alike of Map.groupBy(uses, ({ value }) => JSON.stringify(value)).values()) {
    const [{ name, value, operationId }] = alike as [Use<Value>];
    if (alike.length === 1) continue;
    const free = name in named ? `${name}Of${pascal(operationId)}` : name;
    named[free] = value;
    for (const { refer } of alike) refer({ $ref: `#/components/${kind}/${free}` });
  }
  return named;
}

function parametersOf({ operationId, parameters = [] }: ApiOperation): Use<Parameter>[] {
  return parameters.flatMap((value, index) =>
    '$ref' in value
      ? []
      : [{ name: pascal(value.name), value, operationId, refer: (to: Reference) => parameters.splice(index, 1, to) }],
  );
}

const inline = ({ responses }: ApiOperation): [status: string, response: Response][] =>
  Object.entries(responses).flatMap(([status, response]) => ('$ref' in response ? [] : [[status, response]]));

function headersOf(operation: ApiOperation): Use<object>[] {
  return inline(operation).flatMap(([, { headers = {} }]) =>
    Object.entries(headers).map(([name, value]) => ({
      ...{ name: pascal(name), value, operationId: operation.operationId },
      refer(to: Reference) {
        headers[name] = to;
      },
    })),
  );
}

function responsesOf(operation: ApiOperation): Use<Response>[] {
  return inline(operation).map(([status, value]) => ({
    ...{ name: responseName(status, value), value, operationId: operation.operationId },
    refer(to) {
      operation.responses[status] = to;
    },
  }));
}

/** By the codes of its problems, where they are few; by what it holds, where that is a component. */
function responseName(status: string, { content = {} }: Response): string {
  const phrase = pascal(STATUS_CODES[status] ?? '');
  const codes = content['application/problem+json']?.['x-problem-codes'] ?? [];
  if (codes.length > 0) return codes.length > 3 ? phrase : codes.map(pascal).join('Or');
  const held = content['application/json']?.schema?.$ref?.split('/').at(-1) ?? '';
  return `${held}${held !== '' && status === '200' ? '' : phrase}`;
}

const pascal = (name: string): string =>
  name.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
