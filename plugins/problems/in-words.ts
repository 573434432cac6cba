import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import { whyNoPrincipal } from '../../src/policy/principals/why-no-principal.ts';

/** What the validator that explains says besides (strict-input.ts): the schema that refused, and what it was given. */
export type Explained = FastifySchemaValidationError & { parentSchema?: unknown; data?: unknown };

type Known = {
  properties: Record<string, unknown>;
  examples: unknown[];
  minProperties: number;
  maxProperties: number;
  oneOf: { properties?: Record<string, unknown> }[];
};

/** What a field must be, in the place of JSON Schema’s words. It goes on after the name of the field. */
export function faultInWords(error: Explained): string {
  const { keyword, message = 'is not valid', params, data, instancePath } = error;
  const schema = (error.parentSchema ?? {}) as Partial<Known>;
  if (instancePath === '' && keyword === 'type')
    return data === undefined || data === null
      ? 'is missing: send one JSON object, with Content-Type: application/json'
      : 'must be one JSON object';
  if (PRINCIPALS.test(instancePath) && keyword === 'minLength' && typeof data === 'string' && data.length < 12)
    return whyNoPrincipal(data);
  if (typeof data === 'string' && /^\d{4}-\d\d-\d\d$/.test(data) && params['format'] === 'date-time')
    return `must be a time, not a day; for example ${data}T00:00:00Z`;
  const words = WORDS[keyword]?.(params, schema) ?? message;
  const [example] = schema.examples ?? [];
  return OF_TEXT.includes(keyword) && typeof example === 'string' ? `${words}; for example ${example}` : words;
}

/** Fields that hold principals, by all of their names. */
const PRINCIPALS = /\/(?:principal|(?:principals|exceptPrincipals|except)\/\d+)$/;

/** Where an example says it better than the rule. */
const OF_TEXT = ['pattern', 'format', 'minLength', 'type'];

type Params = Record<string, unknown>;

const WORDS: Record<string, (params: Params, schema: Partial<Known>) => string | undefined> = {
  type: (params) => `must be ${typeInWords(params)}`,
  format: ({ format }) => FORMATS[String(format)],
  pattern: () => 'is not of the form that it takes',
  minLength: ({ limit }) => (limit === 1 ? 'must not be empty' : `must have ${limit} characters at least`),
  maxLength: ({ limit }) => `must have ${limit} characters at most`,
  minItems: ({ limit }) => (limit === 1 ? 'must not be empty' : `must have ${limit} members at least`),
  maxItems: ({ limit }) => `must have ${limit} members at most`,
  minProperties: oneOf,
  maxProperties: oneOf,
  minimum: ({ limit }) => `must be ${limit} or more`,
  maximum: ({ limit }) => `must be ${limit} or less`,
  required: ({ missingProperty }) => `needs ${String(missingProperty)}`,
  uniqueItems: () => 'must not have the same member twice',
};

export const typeInWords = ({ type }: Params): string => TYPES[String(type)] ?? String(type);

const TYPES: Record<string, string> = {
  string: 'a text',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  array: 'a list',
  object: 'an object',
};

const FORMATS: Record<string, string> = { 'date-time': 'must be a time with its zone' };

function oneOf(
  _: Params,
  { minProperties, maxProperties, properties = {}, oneOf: forms = [] }: Partial<Known>,
): string | undefined {
  const names = [{ properties }, ...forms].flatMap((form) => Object.keys(form.properties ?? {}));
  return minProperties === 1 && maxProperties === 1 && names.length > 1
    ? `must have exactly one of ${names.join(', ')}`
    : undefined;
}
