import AjvCompiler from '@fastify/ajv-compiler';
import type { ApiOperation, Document, Schema } from './document.ts';

type Answer = { statusCode: number; headers: Record<string, unknown>; body: string };
type Validate = ((value: unknown) => boolean) & { errors?: unknown };

/** What a value has that a schema of the document does not say; undefined when it is as documented. */
export function createSchemaCheck({ components: given }: Pick<Document, 'components'>) {
  const customOptions = { coerceTypes: false, useDefaults: false, removeAdditional: false, strict: false };
  const compile = AjvCompiler()({}, { customOptions });
  const components = closed(given);
  const compiled = new Map<string, Validate>();
  return (schema: Schema, value: unknown): string | undefined => {
    const key = JSON.stringify(schema);
    const validate = compiled.get(key) ?? compile({ schema: { ...closed(schema), components } });
    compiled.set(key, validate);
    return validate(value) ? undefined : JSON.stringify(validate.errors);
  };
}

/** What an answer has that the document does not say; undefined when it is as documented. */
export function createAnswerCheck(document: Document): (operation: ApiOperation, answer: Answer) => string | undefined {
  const check = createSchemaCheck(document);
  return ({ responses }, { statusCode, headers, body }) => {
    const response = responses[statusCode];
    if (response === undefined) return `status ${statusCode} is not documented`;
    const amiss = headerAmiss(new Set(Object.keys(response.headers ?? {}).map((name) => name.toLowerCase())), headers);
    if (amiss !== undefined) return `${amiss} for ${statusCode}`;
    const type = String(headers['content-type']).split(';')[0] ?? '';
    const schema = response.content?.[type]?.schema;
    if (schema === undefined) return `content type ${type} is not documented for ${statusCode}`;
    if (!/json$/.test(type)) return undefined;
    const codes = response.content?.[type]?.['x-problem-codes'];
    const { code } = codes === undefined ? {} : JSON.parse(body);
    if (codes?.includes(code) === false) return `${code} is not documented for ${statusCode}`;
    if (type === 'application/x-ndjson') {
      for (const line of body.split('\n').slice(0, -1)) JSON.parse(line);
      return undefined;
    }
    const wrong = check(schema, JSON.parse(body));
    return wrong && `the answer is not valid: ${wrong}`;
  };
}

/** Those of our answers' headers that callers act on. */
const ALWAYS = ['x-request-id', 'etag', 'location', 'www-authenticate'];
const SOMETIMES = ['retry-after', 'idempotency-replayed', 'deprecation', 'sunset'];

function headerAmiss(documented: ReadonlySet<string>, headers: Answer['headers']): string | undefined {
  const given = (name: string) => headers[name] !== undefined;
  const untold = [...ALWAYS, ...SOMETIMES].find((name) => given(name) && !documented.has(name));
  if (untold !== undefined) return `the header ${untold} is not documented`;
  const missing = ALWAYS.find((name) => documented.has(name) && !given(name));
  return missing && `the header ${missing} is documented, and missing`;
}

/** A member that the document does not know would be a leak: objects with members are taken to have no others. */
function closed<T>(schema: T): T {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(closed) as T;
  const members = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  const isOpen = typeof members['properties'] === 'object' && members['additionalProperties'] === undefined;
  return (isOpen && members['type'] === 'object' ? { ...members, additionalProperties: false } : members) as T;
}
