import fc from 'fast-check';
import { parseArn } from '../../src/policy/arn.ts';
import { asArray, type PolicyDocument, type Statement, statementsOf } from '../../src/policy/document.ts';

/**
 * The document as AWS may hand it back, which means the same: a one-element array is a string or the other way round,
 * an account's id its root ARN or the other way round, and keys, statements, list elements and condition values stand
 * in any order.
 */
export const awsNormalised = (document: PolicyDocument, partition = 'aws'): fc.Arbitrary<PolicyDocument> =>
  fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })).map((chances) => {
    const chance = () => Number(chances.next().value);
    return respelt(document, partition, chance);
  });

type Chance = () => number;

function respelt(document: PolicyDocument, partition: string, chance: Chance): PolicyDocument {
  const statements = statementsOf(document).map((statement) => respeltStatement(statement, partition, chance));
  return reordered({ ...document, Statement: spelt(statements, chance) }, chance);
}

function respeltStatement(statement: Statement, partition: string, chance: Chance): Statement {
  const { Principal, NotPrincipal, Condition } = statement;
  const lists = (['Action', 'NotAction', 'Resource', 'NotResource'] as const).flatMap((element) =>
    statement[element] === undefined ? [] : [[element, spelt(asArray(statement[element]), chance)]],
  );
  const respeltPrincipal = (principal: NonNullable<Statement['Principal']>) =>
    principal === '*'
      ? principal
      : mapValues(principal, chance, (names) => spelt(asArray(names).map(account(partition, chance)), chance));
  return reordered(
    {
      ...statement,
      ...Object.fromEntries(lists),
      ...(Principal !== undefined && { Principal: respeltPrincipal(Principal) }),
      ...(NotPrincipal !== undefined && { NotPrincipal: respeltPrincipal(NotPrincipal) }),
      ...(Condition !== undefined && {
        Condition: mapValues(Condition, chance, (keys) =>
          mapValues(keys, chance, (values) => spelt(asArray(values), chance)),
        ),
      }),
    },
    chance,
  );
}

const account = (partition: string, chance: Chance) => (name: string) => {
  if (/^\d{12}$/.test(name)) return chance() < 0.5 ? name : `arn:${partition}:iam::${name}:root`;
  const arn = parseArn(name);
  return arn?.resource === 'root' && chance() < 0.5 ? arn.account : name;
};

const spelt = <T>(values: readonly T[], chance: Chance): T | T[] => {
  const [only] = values;
  return values.length === 1 && only !== undefined && chance() < 0.7 ? only : shuffled(values, chance);
};

const mapValues = <V, W>(object: Record<string, V>, chance: Chance, change: (value: V) => W): Record<string, W> =>
  Object.fromEntries(shuffled(Object.entries(object), chance).map(([key, value]) => [key, change(value)]));

const reordered = <T extends object>(object: T, chance: Chance): T =>
  Object.fromEntries(shuffled(Object.entries(object), chance)) as T;

const shuffled = <T>(values: readonly T[], chance: Chance): T[] =>
  values
    .map((value) => [chance(), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value);

/** The document after some of its principals were deleted: AWS shows their unique ids instead of their ARNs. */
export function withDeleted(document: PolicyDocument, uniqueIds: ReadonlyMap<string, string>): PolicyDocument {
  const shown = (name: string) => uniqueIds.get(name) ?? name;
  const Statement = statementsOf(document).map((statement) => {
    const { Principal } = statement;
    if (Principal === undefined || Principal === '*' || Principal.AWS === undefined) return statement;
    return { ...statement, Principal: { ...Principal, AWS: asArray(Principal.AWS).map(shown) } };
  });
  return { ...document, Statement };
}
