import { dayOf } from '../english.ts';
import { parseArn } from '../policy/arn.ts';
import { samePolicy } from '../policy/canonical.ts';
import { entriesOf, foreignOf, without } from '../policy/entries/edit.ts';
import type { Entry } from '../policy/entries/entry.ts';
import { parse } from '../policy/entries/parse.ts';
import { choosingMembers } from '../policy/entries/request.ts';
import { valueInWords } from '../policy/entries/templates/kinds/share-conditions.ts';
import type { EntryKind } from '../policy/entries/templates/kinds/template.ts';
import { entryNamed } from '../policy/entries/words.ts';
import { personNamed } from '../policy/principals/principal.ts';
import type { AuditEvent } from './event.ts';

/** What an event says of entries, by the names of those whom they are about. */

type Told = Pick<AuditEvent, 'request' | 'outcome' | 'policy' | 'secret'>;

/** Whom a request chooses. */
export function whoOf(kind: EntryKind, request: Record<string, unknown>): string {
  const said = choosingMembers(kind).map((name) => request[name]);
  const who = said.find((value) => value !== undefined);
  if (typeof who === 'object' && who !== null) return Object.values(who).map(valueInWords).join(', ');
  return personNamed(String(who));
}

/** What was taken back. */
export function revoked({ request, policy, secret }: Told): string {
  const { kind, id } = request;
  const found = entriesIn(policy?.before ?? null, secret).find((entry) => entry.id === id);
  return found === undefined ? `the ${String(kind)} ${String(id)}` : entryNamed(found);
}

/** Of a share also its end: one may come in the place of another. */
export const until = (expiresAt: unknown): string =>
  typeof expiresAt === 'string' ? ` until ${dayOf(new Date(expiresAt))}` : '';

const MOST_NAMED = 2;

/** What came and went, the first by name. */
export function differences({ policy, secret, outcome }: Told): string {
  if (policy === null || (outcome !== 'applied' && outcome !== 'unchanged') || samePolicy(policy.before, policy.after))
    return '';
  const [before, after] = [entriesIn(policy.before, secret), entriesIn(policy.after, secret)];
  const foreign = foreignIn(policy.after, secret) - foreignIn(policy.before, secret);
  const parts = [
    ...named(without(before, after), 'gone'),
    ...named(without(after, before), 'new'),
    ...(foreign === 0 ? [] : [`${Math.abs(foreign)} of others ${foreign < 0 ? 'gone' : 'new'}`]),
  ];
  return parts.length === 0 ? '' : `: ${parts.join('; ')}`;
}

function named(entries: readonly Entry[], what: string): string[] {
  if (entries.length === 0) return [];
  const first = entries.slice(0, MOST_NAMED).map((entry) => `${entryNamed(entry)}${until(entry.expiresAt)}`);
  const more = entries.length - first.length;
  return [`${first.join(', ')}${more > 0 ? ` and ${more} more` : ''} ${what}`];
}

type Document = NonNullable<Told['policy']>['before'];
const partitionOf = ({ arn }: Told['secret']): string => (arn === null ? undefined : parseArn(arn)?.partition) ?? 'aws';
const entriesIn = (document: Document, secret: Told['secret']) => entriesOf(parse(document, partitionOf(secret)));
const foreignIn = (document: Document, secret: Told['secret']) =>
  foreignOf(parse(document, partitionOf(secret))).length;
