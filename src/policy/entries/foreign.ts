import type { Statement } from '../document.ts';
import { isOfIncident } from '../incident-statement.ts';
import { isUniqueId } from '../principals/principal.ts';
import { statementHash } from '../statement-name.ts';
import type { PolicyView } from './compile.ts';
import { addEntry, foreignOf } from './edit.ts';
import type { Clause, Entry } from './entry.ts';
import { readBare } from './parse.ts';

/** Statements of others, one at a time. */

/** Takes out the first with this hash; `statement` is undefined, and the view the same, when there is none. */
export function withoutForeign(view: PolicyView, hash: string): { view: PolicyView; statement?: Statement } {
  const at = view.items.findIndex((item) => 'foreign' in item && statementHash(item.foreign) === hash);
  const item = view.items[at];
  if (item === undefined || !('foreign' in item)) return { view };
  return { view: { ...view, items: view.items.toSpliced(at, 1) }, statement: item.foreign };
}

/** What a statement of others says, where a template says it to the letter; a deleted principal's can't be made again. */
export function adoptable(
  statement: Statement,
  of: { partition: string; version: PolicyView['version'] },
): Clause | undefined {
  if (isOfIncident(statement)) return undefined;
  const clause = readBare(statement, of);
  return clause === undefined || clause.members.some(isUniqueId) ? undefined : clause;
}

/**
 * The same policy with a statement as entries of ours. Who may do what stays as it is: ours render the same statement, but for
 * its Sid, or stand together with others that differ in nothing but whom they are about.
 */
export function adopt(view: PolicyView, clause: Clause, partition: string): { view: PolicyView; entries: Entry[] } {
  const { template, group, members } = clause;
  const { packs } = template;
  const asked = packs === null ? [group] : members.map((member) => ({ ...group, [packs]: member }));
  const entries: Entry[] = [];
  let adopted = view;
  for (const parameters of asked) {
    const added = addEntry(adopted, template, parameters, partition);
    adopted = added.view;
    entries.push(added.entry);
  }
  return { view: adopted, entries };
}

/** Each statement of others with its hash, and the template that could say it. */
export const foreignStatements = (view: PolicyView, partition: string) =>
  foreignOf(view).map((statement) => ({
    hash: statementHash(statement),
    sid: statement.Sid ?? null,
    template: adoptable(statement, { partition, version: view.version })?.template.name ?? null,
  }));
