import { listed } from '../../../english.ts';
import type { Statement } from '../../../policy/document.ts';
import { entriesOf } from '../../../policy/entries/edit.ts';
import { type Entry, OUR_SID } from '../../../policy/entries/entry.ts';
import { parse } from '../../../policy/entries/parse.ts';
import { entryNamed } from '../../../policy/entries/words.ts';
import { perStatement } from '../../../policy/per-document.ts';
import { parsePrincipal, sameRole } from '../../../policy/principals/principal.ts';
import { statementName } from '../../../policy/statement-name.ts';
import type { Secret } from '../../secret.ts';

/** Of a statement: the entries that it stands for, as people call them, else its Sid. */
export const namesOf = (statement: Statement, entries: readonly Entry[]): string[] =>
  entries.length === 0 ? [statementName(statement)] : entries.map(entryNamed);

/** What somebody is denied by, as people call it: ours by whom they are about, others by their Sids. */
export function denialsNamed(secret: Secret, who: string, statements: readonly Statement[]): string {
  const names = statements.flatMap((statement) =>
    namesOf(statement, entriesBehind(entriesIn(statement, secret.partition), statement, who)),
  );
  return listed([...new Set(names)]);
}

/** Those of a statement by itself: it is read once, however many it denies. */
function entriesIn(statement: Statement, partition: string): Entry[] {
  const known = entriesKnown(statement);
  const entries =
    known.get(partition) ?? entriesOf(parse({ Version: '2012-10-17', Statement: [statement] }, partition));
  known.set(partition, entries);
  return entries;
}
const entriesKnown = perStatement(() => new Map<string, Entry[]>());

/** Our entries that a statement stands for, as far as they hit somebody. */
export function entriesBehind(entries: readonly Entry[], { Sid = '' }: Statement, who: string): Entry[] {
  const sid = OUR_SID.exec(Sid)?.[1];
  return entries.filter((entry) => entry.sid === sid && (entry.principal === undefined || hits(entry.principal, who)));
}

function hits(denied: string, who: string): boolean {
  const { type, account } = parsePrincipal(denied) ?? {};
  return denied === who || sameRole(denied, who) || (type === 'account' && parsePrincipal(who)?.account === account);
}
