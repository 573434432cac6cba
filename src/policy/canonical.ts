import { sha256 } from '../hash.ts';
import { canonicalJson } from '../json/canonical-json.ts';
import { asArray, type ConditionBlock, type PolicyDocument, type Statement, statementsOf } from './document.ts';
import { perDocument } from './per-document.ts';

/**
 * AWS hands a policy back normalised: a one-element array as a string, an account id as its root ARN, keys and
 * statements in another order. So policies are never compared as text, only in this canonical form.
 */

/** The canonical form of a document as text: equal for two documents that AWS treats as the same. */
export const canonicalPolicy = (document: PolicyDocument | null): string =>
  document === null ? 'null' : canonicalTextOf(document);

const canonicalTextOf = perDocument((document) =>
  canonicalJson({
    Version: document.Version ?? '2008-10-17',
    ...(document.Id === undefined ? {} : { Id: document.Id }),
    Statement: statementsOf(document).map(canonicalStatement).sort(),
  }),
);

export const samePolicy = (a: PolicyDocument | null, b: PolicyDocument | null): boolean =>
  canonicalPolicy(a) === canonicalPolicy(b);

/** SHA-256 over the canonical policy, base64url; the same for a policy however AWS happens to spell it. */
export const policyHash = (document: PolicyDocument | null): string =>
  document === null ? HASH_OF_NONE : hashOf(document);

const hashOf = perDocument((document) => sha256(canonicalTextOf(document), 'base64url'));
const HASH_OF_NONE = sha256('null', 'base64url');

/** The strong entity tag of an attached policy (RFC 9110 section 8.8.3), quotes included. */
export const etagOf = (document: PolicyDocument | null): string => `"${policyHash(document)}"`;

export function canonicalStatement(statement: Statement): string {
  const { Sid, Effect, Condition, Principal, NotPrincipal, ...lists } = statement;
  return canonicalJson({
    ...(Sid === undefined ? {} : { Sid }),
    Effect,
    ...Object.fromEntries(Object.entries(lists).map(([element, value]) => [element, sorted(value)])),
    ...(Principal === undefined ? {} : { Principal: canonicalPrincipal(Principal) }),
    ...(NotPrincipal === undefined ? {} : { NotPrincipal: canonicalPrincipal(NotPrincipal) }),
    ...(Condition === undefined ? {} : { Condition: canonicalCondition(Condition) }),
  });
}

/** `"*"` and `{"AWS": "*"}` are the same in a resource policy, and so are an account's id and its root ARN. */
function canonicalPrincipal(principal: NonNullable<Statement['Principal']>): Record<string, string[]> {
  if (principal === '*') return { AWS: ['*'] };
  return Object.fromEntries(
    Object.entries(principal).map(([type, names]) => [type, sorted(asArray(names).map(accountOfRoot))]),
  );
}

/** An account's id in the place of its root ARN. */
export const accountOfRoot = (name: string): string => /^arn:aws[a-z-]*:iam::(\d{12}):root$/.exec(name)?.[1] ?? name;

const canonicalCondition = (condition: ConditionBlock) =>
  Object.fromEntries(
    Object.entries(condition).map(([operator, keys]) => [
      operator,
      Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, sorted(asArray(values).map(String))])),
    ]),
  );

const sorted = (values: string | readonly string[] | undefined): string[] => [...new Set(asArray(values))].sort();
