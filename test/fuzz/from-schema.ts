import fc from 'fast-check';
import { type Document, deref, type Schema } from '../document.ts';
import { policyDocument } from './policy-document.ts';
import { POOLS } from './pools.ts';

/** Values that a schema takes; examples, and what the seed knows under a name, are taken more often than invented ones. */
export function fromSchema(schema: Schema, document: Document, name = ''): fc.Arbitrary<unknown> {
  if (schema.$ref?.endsWith('/PolicyDocument') || schema.$ref?.endsWith('/PolicyPut')) return putBody;
  const resolved = deref(schema, document);
  const invented = invent(resolved, document, name);
  const known = [...(POOLS[name] ?? []), ...(resolved.examples ?? []).map(withTokens)];
  return known.length === 0
    ? invented
    : fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: invented });
}

/** An example with what is looked up in the place of what it makes up: an etag of the documentation is nobody’s. */
const withTokens = (example: unknown): unknown =>
  typeof example === 'object' && example !== null && !Array.isArray(example)
    ? Object.fromEntries(Object.entries(example).map(([key, value]) => [key, TOKENS.get(key) ?? value]))
    : example;

const TOKENS = new Map(
  Object.entries(POOLS).flatMap(([name, [first]]) => (String(first).startsWith('{') ? [[name, first]] : [])),
);

const putBody = fc.oneof(
  policyDocument,
  fc.record({ policy: policyDocument, reason: fc.string({ maxLength: 500 }) }, { requiredKeys: ['policy'] }),
);

function invent(schema: Schema, document: Document, name: string): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => fromSchema(choice, document)));
  switch (schema.type) {
    case 'object':
      return inventObject(schema, document);
    case 'array':
      return fc.array(fromSchema(schema.items ?? {}, document, name), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 4, 4),
      });
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 1_000 });
    case 'string':
      return inventString(schema);
    default:
      return fc.jsonValue();
  }
}

function inventObject(schema: Schema, document: Document): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const known = Object.entries(properties).flatMap(([key, value]) => (value === false ? [] : [[key, value] as const]));
  if (known.length === 0 && typeof additionalProperties === 'object') {
    const value = fromSchema(additionalProperties, document);
    return fc.dictionary(fc.string({ minLength: 1, maxLength: 20 }), value, {
      minKeys: schema.minProperties ?? 0,
      maxKeys: 3,
    });
  }
  const record = Object.fromEntries(known.map(([key, value]) => [key, fromSchema(value, document, key)]));
  const optional = Object.keys(record).filter((key) => !required.includes(key));
  // Few optional members at once: most of them exclude one another.
  return fc
    .subarray(optional, { maxLength: Math.min(3, optional.length) })
    .chain((chosen) =>
      fc.record(Object.fromEntries([...required, ...chosen].map((key) => [key, record[key] ?? fc.jsonValue()]))),
    );
}

function inventString({ pattern, format, minLength = 0, maxLength = 100 }: Schema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time')
    return fc
      .date({ min: new Date('2035-01-01'), max: new Date('2060-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
  if (pattern === undefined) return fc.string({ minLength, maxLength: Math.min(maxLength, 600), unit: 'grapheme' });
  const texts = pattern.includes('(?!') ? fc.string({ minLength, maxLength }) : fc.stringMatching(new RegExp(pattern));
  return texts.filter((text) => text.length >= minLength && text.length <= maxLength);
}
