import { asArray, type PolicyDocument, principalsNamedIn, type Statement, statementsOf, testsOf } from '../document.ts';
import { type Entry, entryId, OUR_SID } from './entry.ts';

/** Which of some entries stand in a document. */
type Presence = (document: PolicyDocument | null) => ReadonlySet<string>;

/**
 * Tells which of these entries stand in documents, by the Sids of statements and the names in them: for many documents,
 * of which reading each would take long. What somebody edited by hand under one of our Sids counts as well.
 * @returns ids, of these entries and of others of their statements
 */
export function presenceOf(entries: readonly Pick<Entry, 'sid'>[]): Presence {
  const sids = new Set(entries.map(({ sid }) => sid));
  const known = new Map<string, string>();
  const idOf = (sid: string, member: string | null): string => {
    const key = `${sid} ${member ?? ''}`;
    const id = known.get(key) ?? entryId(sid, member);
    known.set(key, id);
    return id;
  };
  return (document) => {
    const found = new Set<string>();
    for (const statement of statementsOf(document)) {
      const sid = OUR_SID.exec(statement.Sid ?? '')?.[1];
      if (sid === undefined || !sids.has(sid)) continue;
      for (const member of [null, ...namesIn(statement)]) found.add(idOf(sid, member));
    }
    return found;
  };
}

/** Whatever may be an entry's member; an organizational unit stands in a condition as `path/*`. */
const namesIn = (statement: Statement): string[] => [
  ...principalsNamedIn(statement).flatMap((principals) =>
    Object.values(principals).flatMap((names) => [...asArray(names)]),
  ),
  ...testsOf(statement).flatMap(({ values }) => values.map((value) => value.replace(/\/\*$/, ''))),
];
