import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/schema';

/**
 * The JSON of an IAM resource policy, as far as it has a grammar.
 * Source: IAM User Guide, "Grammar of the IAM JSON policy language"
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html).
 */
const oneOrMany = <T extends Type.TSchema>(item: T) => Type.Union([item, Type.Array(item)]);

const PrincipalElement = Type.Union([
  Type.Literal('*'),
  Type.Object(
    {
      AWS: Type.Optional(oneOrMany(Type.String())),
      Service: Type.Optional(oneOrMany(Type.String())),
      Federated: Type.Optional(oneOrMany(Type.String())),
      CanonicalUser: Type.Optional(oneOrMany(Type.String())),
    },
    { additionalProperties: false, minProperties: 1 },
  ),
]);

const ConditionBlock = Type.Record(
  Type.String(),
  Type.Record(Type.String(), oneOrMany(Type.Union([Type.String(), Type.Number(), Type.Boolean()]))),
);

export const Statement = Type.Object(
  {
    Sid: Type.Optional(Type.String()),
    Effect: Type.Union([Type.Literal('Allow'), Type.Literal('Deny')]),
    Action: Type.Optional(oneOrMany(Type.String())),
    NotAction: Type.Optional(oneOrMany(Type.String())),
    Principal: Type.Optional(PrincipalElement),
    NotPrincipal: Type.Optional(PrincipalElement),
    Resource: Type.Optional(oneOrMany(Type.String())),
    NotResource: Type.Optional(oneOrMany(Type.String())),
    Condition: Type.Optional(ConditionBlock),
  },
  { additionalProperties: false },
);
export type Statement = Static<typeof Statement>;

export const PolicyDocument = Type.Object(
  {
    Version: Type.Optional(Type.Union([Type.Literal('2012-10-17'), Type.Literal('2008-10-17')])),
    Id: Type.Optional(Type.String()),
    Statement: oneOrMany(Statement),
  },
  { additionalProperties: false },
);
export type PolicyDocument = Static<typeof PolicyDocument>;
export type PrincipalElement = Static<typeof PrincipalElement>;
export type ConditionBlock = Static<typeof ConditionBlock>;

/** The most characters that a secret's policy may have (Secrets Manager API Reference, PutResourcePolicy). */
export const MAX_POLICY_CHARACTERS = 20_480;

export const statementsOf = (document: PolicyDocument | null): readonly Statement[] =>
  document === null ? [] : asArray(document.Statement);

/** One test of a statement's Condition: any of its values, all of them as text, makes it hold. */
export type ConditionTest = { operator: string; key: string; values: readonly string[] };

/** The tests of a statement, all of which must hold, in its order. */
export const testsOf = ({ Condition = {} }: Pick<Statement, 'Condition'>): ConditionTest[] =>
  Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ operator, key, values: asArray(values).map(String) })),
  );

/** What a statement has in Principal and NotPrincipal, but for `*` alone, which names nobody. */
export const principalsNamedIn = ({ Principal, NotPrincipal }: Statement): Exclude<PrincipalElement, '*'>[] =>
  [Principal, NotPrincipal].flatMap((element) => (element === undefined || element === '*' ? [] : [element]));

export const asArray = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

const compiled = Compile(PolicyDocument);

/** Whether a value has the grammar of a policy document. It says nothing about names, principals or conditions. */
export const isPolicyDocument = (value: unknown): value is PolicyDocument => compiled.Check(value);

/**
 * Where a value leaves the grammar, as JSON Pointers; empty when it does not. Most elements take one or many, so that
 * one fault is also one of all that is around it: only the innermost are told, once each.
 */
export function grammarErrors(value: unknown): { path: string; message: string }[] {
  const [, errors] = compiled.Errors(value);
  const isInnermost = (path: string) => !errors.some(({ instancePath }) => instancePath.startsWith(`${path}/`));
  const paths = new Set(errors.map(({ instancePath }) => instancePath).filter(isInnermost));
  return [...paths].map((path) => {
    const messages = errors
      .filter(({ instancePath, keyword }) => instancePath === path && keyword !== 'anyOf')
      .map(messageOf);
    return { path, message: [...new Set(messages)].join(', or ') };
  });
}

const messageOf = ({ keyword, params, message }: { keyword: string; params: object; message: string }): string => {
  if (keyword === 'boolean') return 'is not known here';
  return 'allowedValue' in params ? `must be ${params.allowedValue}` : message;
};
