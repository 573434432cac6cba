import { canonicalJson } from '../../json/canonical-json.ts';
import { DomainError } from '../../problems/problem.ts';
import { type PolicyDocument, statementsOf } from '../document.ts';
import type { PolicyItem, PolicyView } from './compile.ts';
import { compile, EMPTY_POLICY, hasVariables, renderClause, VERSION_OF_VARIABLES } from './compile.ts';
import { baseSid, type Clause, type Entry, entriesOfClause, sidOf, toEntry } from './entry.ts';
import { normalise } from './normalise.ts';
import type { AnyTemplate, EntryKind, Group } from './templates/kinds/template.ts';

/** Pure edits of a policy: each gives a new view, and says what it touched. */

export const entriesOf = (view: PolicyView, kind?: EntryKind): Entry[] =>
  clausesOf(view)
    .filter((clause) => kind === undefined || clause.template.kind === kind)
    .flatMap(entriesOfClause);

/** Those of some entries that others do not have, each once. */
export function without(some: readonly Entry[], others: readonly Entry[]): Entry[] {
  const known = new Set(others.map(({ id }) => id));
  return some.filter(({ id }) => !known.has(id) && known.add(id));
}

export const foreignOf = (view: PolicyView) => view.items.flatMap((item) => ('foreign' in item ? [item.foreign] : []));

export const clausesOf = (view: PolicyView): Clause[] =>
  view.items.flatMap((item) => ('clause' in item ? [item.clause] : []));

/**
 * Adds what the template says with these parameters. Merging is idempotent: for what is already there, the view is the same one.
 * @throws DomainError validation-failed, principal-not-nameable, partition-mismatch
 */
export function addEntry(
  view: PolicyView,
  template: AnyTemplate,
  parameters: Group,
  partition: string,
): { view: PolicyView; entry: Entry } {
  return add(view, template, normalise(template, parameters, partition));
}

/**
 * Adds likewise, in the place of the entries that differ in nothing but that they end sooner.
 * @returns `ended`: those. Nothing ends where the new one was there already
 * @throws DomainError as addEntry
 */
export function extendEntry(
  view: PolicyView,
  template: AnyTemplate,
  parameters: Group,
  partition: string,
): { view: PolicyView; entry: Entry; ended: Entry[] } {
  const said = normalise(template, parameters, partition);
  const added = add(view, template, said);
  const ended = added.view === view ? [] : endingSooner(view, template, said);
  return { ...added, view: ended.reduce((left, { id }) => removeEntry(left, id).view, added.view), ended };
}

function endingSooner(view: PolicyView, template: AnyTemplate, { group, member }: Said): Entry[] {
  const { expiresAt, ...said } = group;
  const meant = canonicalJson(said);
  return clausesOf(view)
    .filter(({ template: { name }, group: { expiresAt: ends, ...rest }, members }) => {
      const isSooner = typeof ends === 'string' && (expiresAt === undefined || ends < String(expiresAt));
      if (!isSooner || name !== template.name || canonicalJson(rest) !== meant) return false;
      return member === null || members.includes(member);
    })
    .map((clause) => toEntry(clause, member));
}

type Said = ReturnType<typeof normalise>;

function add(view: PolicyView, template: AnyTemplate, { group, member }: Said): { view: PolicyView; entry: Entry } {
  const base = sidOf(template, group);
  // More than one where a statement that was edited by hand, and so had lost its Sid to another, was put right again.
  const same = clausesOf(view).filter((clause) => baseSid(clause.sid) === base);
  const holder = same.find((clause) => member === null || clause.members.includes(member));
  if (holder !== undefined) return { view, entry: toEntry(holder, member) };
  const [held] = same;
  if (held !== undefined && member !== null) {
    const grown = { ...held, members: [...held.members, member].sort() };
    return { view: replaceClause(view, held, [{ clause: grown }]), entry: toEntry(grown, member) };
  }
  const clause = { template, sid: freeSid(view, base), group, members: member === null ? [] : [member] };
  const version = versionWith(view, clause);
  return { view: { ...view, version, items: [...view.items, { clause }] }, entry: toEntry(clause, member) };
}

/**
 * That of the policy, unless the clause has variables, which an older one takes to the letter. Where others have none either, the
 * newer says the same of theirs.
 * @throws DomainError validation-failed where a statement of others would change its meaning
 */
function versionWith(view: PolicyView, clause: Clause): PolicyView['version'] {
  if (view.version === VERSION_OF_VARIABLES || !renderClause(clause).some(hasVariables)) return view.version;
  if (!foreignOf(view).some(hasVariables)) return VERSION_OF_VARIABLES;
  throw new DomainError('validation-failed', {
    why:
      `The policy is not of the Version ${VERSION_OF_VARIABLES}, the only one with variables, by which tags are compared; and a statement ` +
      'of others has “${” to the letter, which that Version would change. Replace the policy first.',
    errors: [{ path: clause.template.chosenBy[0] ?? '', message: 'takes a policy of the Version 2012-10-17' }],
  });
}

/** A document of this one entry. @throws DomainError as addEntry */
export const alone = (template: AnyTemplate, parameters: Group, partition: string): PolicyDocument | null =>
  compile(addEntry(EMPTY_POLICY, template, parameters, partition).view);

/** Takes one entry out; `entry` is undefined, and the view the same, when there is none with this id. */
export function removeEntry(view: PolicyView, id: string, kind?: EntryKind): { view: PolicyView; entry?: Entry } {
  for (const clause of clausesOf(view)) {
    const entry = entriesOfClause(clause).find((candidate) => candidate.id === id);
    if (entry === undefined || (kind !== undefined && entry.kind !== kind)) continue;
    const members = clause.members.filter((member) => toEntry(clause, member).id !== id);
    const left: PolicyItem[] = members.length === 0 ? [] : [{ clause: { ...clause, members } }];
    return { view: replaceClause(view, clause, left), entry };
  }
  return { view };
}

export const findEntry = (view: PolicyView, id: string, kind?: EntryKind): Entry | undefined =>
  removeEntry(view, id, kind).entry;

const replaceClause = (view: PolicyView, clause: Clause, by: readonly PolicyItem[]): PolicyView => ({
  ...view,
  items: view.items.flatMap((item) => ('clause' in item && item.clause === clause ? by : [item])),
});

/** A foreign statement may bear the Sid that we would give, since somebody edited ours by hand. Sids must be unique. */
function freeSid(view: PolicyView, base: string): string {
  const taken = new Set(statementsOf(compile(view)).map((statement) => statement.Sid));
  if (!taken.has(base) && !taken.has(`${base}P2`)) return base;
  let number = 2;
  while (taken.has(`${base}N${number}`) || taken.has(`${base}N${number}P2`)) number += 1;
  return `${base}N${number}`;
}
