import { type Document, resolve } from './compare.ts';

/** As much of JSON Schema as the document uses. */
export type Schema = {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema | false>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  pattern?: string;
  format?: string;
  /** Of an answer: it gets new forms, as an enum gets new values, and its description tells clients so. */
  'x-extensible'?: boolean;
} & { [bound in (typeof LOWER)[number] | (typeof UPPER)[number]]?: number };

type Comparison = {
  /** Of a request less may never be taken; of a response nothing may be given that was not expected. */
  direction: 'request' | 'response';
  before: Document;
  after: Document;
  /** Pairs of components that are being compared. */
  inside?: readonly string[];
};

const LOWER = ['minimum', 'minLength', 'minItems', 'minProperties'] as const;
const UPPER = ['maximum', 'maxLength', 'maxItems', 'maxProperties'] as const;

/** A component is told of under its own name, wherever it is used, and is looked at once where it holds itself. */
export function compareSchemas(comparison: Comparison, was: Schema, is: Schema, at: string): string[] {
  const { before, after, inside = [] } = comparison;
  const pair = was.$ref && `${was.$ref} ${is.$ref}`;
  if (pair !== undefined && inside.includes(pair)) return [];
  const [old, now] = [resolve<Schema>(was, before), resolve<Schema>(is, after)];
  const within = pair === undefined ? comparison : { ...comparison, inside: [...inside, pair] };
  const place = was.$ref?.split('/').at(-1) ?? at;
  return rulesFor(comparison, old, now).flatMap((rule) => rule(within, old, now, place));
}

function rulesFor({ direction }: Comparison, old: Schema, now: Schema): Rule[] {
  if (isUnion(old) || isUnion(now)) return [alternatives];
  return [values, members, items, direction === 'request' ? narrowed : widened];
}
const isUnion = ({ anyOf, oneOf }: Schema): boolean => (anyOf ?? oneOf) !== undefined;

type Rule = (comparison: Comparison, old: Schema, now: Schema, at: string) => string[];

/** Answers may get new values (clients expect that); of what there was, nothing goes. */
const values: Rule = ({ direction }, old, now, at) => {
  const [before, after] = [valuesOf(old), valuesOf(now)];
  if (before === undefined) {
    return after === undefined || direction === 'response' ? [] : [`${at} takes certain values only`];
  }
  if (after === undefined) return direction === 'request' ? [] : [`${at} is no longer one of certain values`];
  return before.filter((value) => !after.includes(value)).map((value) => `${at}: the value ${value} is gone`);
};
const valuesOf = (schema: Schema): string[] | undefined =>
  (schema.enum ?? (schema.const === undefined ? undefined : [schema.const]))?.map((value) => JSON.stringify(value));

const alternatives: Rule = (comparison, old, now, at) => {
  const [before, after] = [alternativesOf(old), alternativesOf(now)];
  const fits = (one: Schema, other: Schema) => compareSchemas(comparison, one, other, at).length === 0;
  return comparison.direction === 'request'
    ? before.filter((one) => !after.some((other) => fits(one, other))).map(() => `${at}: a form of it is gone`)
    : now['x-extensible'] === true
      ? []
      : after.filter((other) => !before.some((one) => fits(one, other))).map(() => `${at}: may have another form`);
};
const alternativesOf = ({ anyOf, oneOf, ...alone }: Schema): Schema[] => anyOf ?? oneOf ?? [alone];

const members: Rule = (comparison, old, now, at) => {
  const given = comparison.direction === 'request' ? [now, old] : [old, now];
  const [more, less] = given.map(({ required = [] }) => required) as [string[], string[]];
  const word = comparison.direction === 'request' ? 'is required' : 'may be missing';
  return [
    ...more.filter((name) => !less.includes(name) && isMember(old, now, name)).map((name) => `${at}/${name} ${word}`),
    ...Object.entries(old.properties ?? {}).flatMap(([name, member]) => {
      const found = now.properties?.[name];
      if (member === false) return [];
      return found === undefined || found === false
        ? [`${at}/${name} is gone`]
        : compareSchemas(comparison, member, found, `${at}/${name}`);
    }),
  ];
};
/** A member that is gone is told of once. */
const isMember = (old: Schema, now: Schema, name: string): boolean =>
  now.properties?.[name] !== undefined || old.properties?.[name] === undefined;

const items: Rule = (comparison, old, now, at) => [
  ...(old.items === undefined || now.items === undefined
    ? []
    : compareSchemas(comparison, old.items, now.items, `${at}[]`)),
  ...(isSchema(old.additionalProperties) && isSchema(now.additionalProperties)
    ? compareSchemas(comparison, old.additionalProperties, now.additionalProperties, `${at}/*`)
    : []),
];
const isSchema = (value: boolean | Schema | undefined): value is Schema => typeof value === 'object';

const narrowed: Rule = (_, old, now, at) => [
  ...typesOf(old)
    .filter((type) => !takes(now, type))
    .map((type) => `${at} takes no ${type}`),
  ...LOWER.filter((bound) => (now[bound] ?? Number.NEGATIVE_INFINITY) > (old[bound] ?? Number.NEGATIVE_INFINITY)).map(
    (bound) => `${at}: ${bound} is higher`,
  ),
  ...UPPER.filter((bound) => (now[bound] ?? Number.POSITIVE_INFINITY) < (old[bound] ?? Number.POSITIVE_INFINITY)).map(
    (bound) => `${at}: ${bound} is lower`,
  ),
  ...(['pattern', 'format'] as const)
    .filter((rule) => now[rule] !== undefined && now[rule] !== old[rule])
    .map((rule) => `${at}: ${rule} is another`),
  ...(now.additionalProperties === false && old.additionalProperties !== false && isObject(old)
    ? [`${at} takes no other fields`]
    : []),
];

const widened: Rule = (_, old, now, at) => [
  ...typesOf(now)
    .filter((type) => !takes(old, type))
    .map((type) => `${at} may be ${type}`),
  ...(old.format !== undefined && now.format !== old.format ? [`${at}: format is another`] : []),
];

const typesOf = ({ type = [] }: Schema): string[] => [type].flat();
const takes = (schema: Schema, type: string): boolean => {
  const types = typesOf(schema);
  return types.length === 0 || types.includes(type) || (type === 'integer' && types.includes('number'));
};
const isObject = (schema: Schema): boolean => typesOf(schema).includes('object');
