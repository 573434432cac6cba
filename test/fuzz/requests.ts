import fc from 'fast-check';
import type { ApiOperation, Document, Parameter } from '../document.ts';
import { fault } from './faults.ts';
import { fromSchema } from './from-schema.ts';

/** Of callers.ts. */
const callers = fc.oneof(
  { weight: 6, arbitrary: fc.constant('admin') },
  { weight: 4, arbitrary: fc.constantFrom('approver', 'approver', 'reader', 'stranger') },
);

/** A request as it is sent once world.ts has put in what its tokens stand for. */
export type Plan = {
  operation: ApiOperation;
  caller: string;
  params: Record<string, string>;
  query: [string, string][];
  headers: Record<string, string>;
  body: string | undefined;
  contentType: string | undefined;
};

/** Mostly requests that the document allows, and else ones with one thing wrong. */
export function requestFor(operation: ApiOperation, document: Document): fc.Arbitrary<Plan> {
  const good = goodRequest(operation, document);
  return fc.oneof(
    { weight: 6, arbitrary: good },
    { weight: 4, arbitrary: fc.tuple(good, fault(operation)).map(([plan, breakIt]) => breakIt(plan)) },
  );
}

const absent = fc.constant(undefined);

function goodRequest(operation: ApiOperation, document: Document): fc.Arbitrary<Plan> {
  const values = (where: Parameter['in']) => {
    const parameters = operation.parameters.filter((parameter) => parameter.in === where);
    const texts = parameters.map(({ name, schema, required }) => {
      const value = fromSchema(schema, document, name).map(String);
      return [
        name,
        required === true || needs(operation, name) ? value : fc.oneof(absent, absent, absent, value),
      ] as const;
    });
    return fc.record<Record<string, string | undefined>>(Object.fromEntries(texts)).map(present);
  };
  const { schema } = operation.requestBody?.content['application/json'] ?? {};
  const body =
    schema === undefined ? fc.constant(undefined) : fromSchema(schema, document).map((value) => JSON.stringify(value));
  return fc
    .record({ caller: callers, params: values('path'), query: values('query'), headers: values('header'), body })
    .map(({ params, query, ...parts }) => ({ ...parts, ...namedOnce(params, query) }))
    .map((parts) => ({ operation, ...parts, contentType: parts.body === undefined ? undefined : 'application/json' }));
}

/** What the document can’t say is required: whole policies are replaced with a precondition only. */
const needs = ({ method, path }: ApiOperation, name: string): boolean =>
  name === 'if-match' && method !== 'GET' && path.includes('/policy');

/** The query names the secret in the place of the path, if at all. */
const namedOnce = (params: Record<string, string>, query: Record<string, string>): Pick<Plan, 'params' | 'query'> => ({
  params: 'secretId' in params && 'secretId' in query ? { ...params, secretId: '-' } : params,
  query: Object.entries(query),
});

const present = (values: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
