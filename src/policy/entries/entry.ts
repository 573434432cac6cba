import { sha256 } from '../../hash.ts';
import { canonicalJson } from '../../json/canonical-json.ts';
import { isSecretAction, type SecretAction } from '../actions.ts';
import { isUniqueId } from '../principals/principal.ts';
import { texts } from './templates/kinds/share-conditions.ts';
import type { AnyTemplate, EntryKind, Group } from './templates/kinds/template.ts';

/**
 * A share, denial or restriction as a value. Entries of one clause (the same template and parameters but for the packed
 * one) stand in one statement; what makes an entry itself is its member of that statement.
 */
export type Clause = { template: AnyTemplate; sid: string; group: Group; members: readonly string[] };

/** An entry as callers see it; beside these it has what its template shows: `organization`, `boundary`, … */
export type Entry = {
  /** The same for the same request: a hash of the clause and the member. */
  id: string;
  kind: EntryKind;
  template: string;
  /** The Sid of the statement that holds it. */
  sid: string;
  principal?: string;
  actions: SecretAction[];
  conditions: Group;
  expiresAt: string | null;
  /** AWS shows a unique id in the place of the principal: it was deleted, and a new one of that name is not meant. */
  orphaned: boolean;
};

/** AWS does not honour it any more. */
export const isExpired = ({ expiresAt }: Pick<Entry, 'expiresAt'>, now: Date): boolean =>
  expiresAt !== null && Date.parse(expiresAt) <= now.getTime();

/** Nor one whose principal was deleted. */
export const isOver = (entry: Pick<Entry, 'expiresAt' | 'orphaned'>, now: Date): boolean =>
  entry.orphaned || isExpired(entry, now);

const SID_PREFIX: Record<EntryKind, string> = { share: 'Share', denial: 'Deny', restriction: 'Restrict' };

/** `Share` + 16 hexadecimal digits; `N2`… where somebody else's statement took that Sid; `P2` for a second statement. */
export const OUR_SID = /^((Share|Deny|Restrict)[0-9a-f]{16}(?:N\d{1,3})?)(?:P[2-9])?$/;

export function sidOf(template: AnyTemplate, group: Group): string {
  return SID_PREFIX[template.kind] + sha256(canonicalJson({ template: template.name, ...group })).slice(0, 16);
}

/** The Sid without the `N2` that keeps it apart from a foreign one: the same for the same clause. */
export const baseSid = (sid: string): string => sid.replace(/N\d+$/, '');

export const kindOfSid = (sid: string): EntryKind | undefined =>
  (Object.keys(SID_PREFIX) as EntryKind[]).find((kind) => sid.startsWith(SID_PREFIX[kind]));

export const entryId = (sid: string, member: string | null): string => sha256(`${sid} ${member ?? ''}`).slice(0, 24);

/** The entries of a clause, in the order of its members. */
export function entriesOfClause(clause: Clause): Entry[] {
  if (clause.template.packs === null) return [toEntry(clause, null)];
  return clause.members.map((member) => toEntry(clause, member));
}

export function toEntry({ template, sid, group }: Clause, member: string | null): Entry {
  const parameters = template.packs === null ? group : { [template.packs]: member, ...group };
  const { actions, expiresAt } = group;
  const { conditions, ...shown } = template.show(parameters);
  return {
    id: entryId(sid, member),
    kind: template.kind,
    template: template.name,
    sid,
    ...shown,
    // All of them: the template's parameters take no other.
    actions: texts(actions).filter(isSecretAction),
    conditions,
    expiresAt: expiresAt === undefined ? null : String(expiresAt),
    orphaned: member !== null && isUniqueId(member),
  };
}

/** The parameters that make this entry again. */
export const parametersOf = (entry: Entry, template: AnyTemplate): Group => ({
  ...template.parametersOf(entry),
  actions: entry.actions,
  ...(entry.expiresAt !== null && { expiresAt: entry.expiresAt }),
});
