import { accountOfRoot, canonicalStatement } from '../canonical.ts';
import { asArray, type PolicyDocument, type Statement, statementsOf } from '../document.ts';
import { perDocument } from '../per-document.ts';

/**
 * The statements of two documents that only one of them has, member by member: of a statement that names hundreds and gets
 * one more, that one only.
 */
export function changedStatements(before: PolicyDocument | null, after: PolicyDocument | null): ChangedStatements {
  const [had, has] = [partsOf(before), partsOf(after)];
  return { gone: onlyIn(had, has, before), fresh: onlyIn(has, had, after) };
}

type ChangedStatements = { gone: PolicyDocument; fresh: PolicyDocument };

/** Statements that differ in nothing but the AWS principals that they name; `names` is null for those that name others. */
type Part = { body: Statement; names: ReadonlySet<string> | null };
type Parts = ReadonlyMap<string, Part>;

const NO_PARTS: Parts = new Map();
const partsOf = (document: PolicyDocument | null): Parts => (document === null ? NO_PARTS : explode(document));

const explode = perDocument((document): Parts => {
  const found = new Map<string, { body: Statement; names: Set<string> | null }>();
  for (const statement of statementsOf(document)) {
    const { Sid: _, Principal, ...rest } = statement;
    const names = Principal === undefined || Principal === '*' || !isOfAws(Principal) ? null : asArray(Principal.AWS);
    const body: Statement = names === null && Principal !== undefined ? { ...rest, Principal } : rest;
    const text = canonicalStatement(body);
    // What variables mean depends on the version.
    const key = `${names === null} ${text.includes('${') ? document.Version : ''} ${text}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, { body, names: names && new Set(names.map(accountOfRoot)) });
    else for (const name of names ?? []) known.names?.add(accountOfRoot(name));
  }
  return found;
});

const isOfAws = (principal: object): boolean => Object.keys(principal).join() === 'AWS';

function onlyIn(some: Parts, others: Parts, document: PolicyDocument | null): PolicyDocument {
  const Statement = [...some].flatMap(([key, { body, names }]): Statement[] => {
    const other = others.get(key);
    if (names === null) return other === undefined ? [body] : [];
    const AWS = [...names].filter((name) => other?.names?.has(name) !== true);
    return AWS.length === 0 ? [] : [{ ...body, Principal: { AWS } }];
  });
  return { ...(document?.Version && { Version: document.Version }), Statement };
}
