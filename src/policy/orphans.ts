import {
  asArray,
  type PolicyDocument,
  type PrincipalElement,
  principalsNamedIn,
  type Statement,
  statementsOf,
} from './document.ts';
import { isUniqueId } from './principals/principal.ts';
import { statementId } from './statement-name.ts';

/** A principal that was deleted, and the statement that still names it. */
export type Orphan = {
  /** `AROA…`, `AIDA…` */
  id: string;
  /** What to call the statement: its Sid, or a hash where it has none. */
  statement: string;
};

/** Tells one orphan from another. */
export const orphanKey = ({ id, statement }: Orphan): string => `${statement} ${id}`;

export const orphansOf = (statement: Statement): Orphan[] =>
  principalsNamedIn(statement)
    .flatMap(({ AWS }) => asArray(AWS))
    .filter(isUniqueId)
    .map((id) => ({ id, statement: statementId(statement) }));

export const orphansIn = (document: PolicyDocument | null): Orphan[] => statementsOf(document).flatMap(orphansOf);

/**
 * The statement without these ids: null where it named nobody else. Nobody calls by the id of a deleted principal, so that
 * this changes nobody's access. A NotPrincipal that excepts nobody else is left as it is: without it the statement would
 * be about everybody.
 */
export function withoutOrphans(statement: Statement, ids: ReadonlySet<string>): Statement | null {
  const { Principal, NotPrincipal } = statement;
  if (NotPrincipal !== undefined) {
    const left = without(NotPrincipal, ids);
    return left === null || left === NotPrincipal ? statement : { ...statement, NotPrincipal: left };
  }
  const left = Principal === undefined ? Principal : without(Principal, ids);
  if (left === null) return null;
  return left === undefined || left === Principal ? statement : { ...statement, Principal: left };
}

/** Null where nobody is left; the same object where nothing was taken out. */
function without(element: PrincipalElement, ids: ReadonlySet<string>): PrincipalElement | null {
  if (element === '*') return element;
  const { AWS, ...others } = element;
  const names = asArray(AWS);
  if (!names.some((name) => ids.has(name))) return element;
  const left = names.filter((name) => !ids.has(name));
  if (left.length > 0) return { ...others, AWS: left.length === 1 ? String(left[0]) : left };
  return Object.keys(others).length === 0 ? null : others;
}
