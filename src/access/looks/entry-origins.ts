import type { Actor, AuditEvent } from '../../audit/event.ts';
import { createLru } from '../../lru.ts';
import { presenceOf } from '../../policy/entries/presence.ts';
import type { EntryInWords } from '../../policy/entries/words.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { mayLook } from '../guard/guard-change.ts';
import type { Identity } from '../identity.ts';
import type { Secret } from '../secret.ts';

/**
 * The change that made an entry. All of it is null where the journal does not know, or does not answer, and for who may not
 * read it there: but for changes of one's own.
 */
type Origin = {
  by: Actor | null;
  /** RFC 3339 */
  at: string | null;
  reason: string | null;
  ticket: string | null;
  changeId: string | null;
};

export type EntryOfChange = EntryInWords & Origin;

/** What the journal has of one secret. Each method @throws DomainError audit-unavailable. */
export interface SecretEvents {
  /** The `sequence` of the last outcome about it; 0 for none. */
  lastOutcome(secretArn: string): Promise<number>;
  /** Some of its applied changes, the newest before a `sequence` first; none where no older one is. */
  appliedTo(secretArn: string, before: number): Promise<AuditEvent[]>;
}

/** Looks up by which changes these entries of a secret came to be. @returns each of them with that */
export type EntryOrigins = (
  identity: Identity,
  secret: Secret,
  entries: readonly EntryInWords[],
) => Promise<(entry: EntryInWords) => EntryOfChange>;

/** Secrets of which it is remembered; some KB each, of a full policy 200 KB. */
const KEPT_SECRETS = 100;
/** How far back one look goes: about as many changes as a full policy has entries. */
const MOST_EVENTS = 1_000;

/** `upTo`: the journal was read that far, by sequence. */
type Remembered = { upTo: number; origins: Map<string, Origin> };

/**
 * From the journal: the last applied change after which an entry stood in the policy and before which it did not. What
 * was found is remembered, so that the next look reads only what was recorded since.
 */
export function createEntryOrigins(trail: SecretEvents, authorizer: Authorizer): EntryOrigins {
  const remembered = createLru<Remembered>(KEPT_SECRETS);

  async function lookUp(secretArn: string, entries: readonly EntryInWords[]): Promise<ReadonlyMap<string, Origin>> {
    const upTo = await trail.lastOutcome(secretArn);
    const known = remembered.find(secretArn) ?? { upTo: 0, origins: new Map<string, Origin>() };
    if (known.upTo >= upTo && entries.every(({ id }) => known.origins.has(id))) return known.origins;
    const origins = await search(secretArn, entries, known);
    for (const { id } of entries) if (!origins.has(id)) origins.set(id, known.origins.get(id) ?? NOT_KNOWN);
    // Of entries that were not asked about now, nothing newer is known.
    const others = known.upTo >= upTo ? known.origins : [];
    remembered.keep(secretArn, { upTo, origins: new Map([...others, ...origins]) });
    return origins;
  }

  /** Newest first, until each is told of, or was told of before. */
  async function search(secretArn: string, entries: readonly EntryInWords[], known: Remembered) {
    const open = new Set(entries.map(({ id }) => id));
    const standing = presenceOf(entries);
    const found = new Map<string, Origin>();
    let before = Number.MAX_SAFE_INTEGER;
    for (let seen = 0; open.size > 0 && seen < MOST_EVENTS; ) {
      const events = await trail.appliedTo(secretArn, before);
      for (const event of events) {
        if (event.sequence <= known.upTo) for (const id of open) if (known.origins.has(id)) open.delete(id);
        if (open.size === 0) break;
        tell(event, standing, open, found);
      }
      const last = events.at(-1);
      if (last === undefined) break;
      before = last.sequence;
      seen += events.length;
    }
    return found;
  }

  return async (identity, secret, entries) => {
    try {
      const origins = entries.length === 0 ? NOTHING : await lookUp(secret.arn, entries);
      const readsAll = [null, secret].every((one) => mayLook(authorizer, identity, 'readAudit', one));
      const shown = (origin: Origin) => (readsAll || origin.by?.subject === identity.subject ? origin : NOT_KNOWN);
      return (entry) => ({ ...entry, ...shown(origins.get(entry.id) ?? NOT_KNOWN) });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return (entry) => ({ ...entry, ...NOT_KNOWN });
    }
  };
}

const NOTHING: ReadonlyMap<string, Origin> = new Map();
const NOT_KNOWN: Origin = { by: null, at: null, reason: null, ticket: null, changeId: null };

/** Takes out of `open` what this event brought, or took away: who brought that again is not on record. */
function tell(
  event: AuditEvent,
  standing: ReturnType<typeof presenceOf>,
  open: Set<string>,
  found: Map<string, Origin>,
): void {
  if (event.policy === null) return;
  const [before, after] = [standing(event.policy.before), standing(event.policy.after)];
  for (const id of open) {
    if (before.has(id) === after.has(id)) continue;
    open.delete(id);
    found.set(id, after.has(id) ? originOf(event) : NOT_KNOWN);
  }
}

const originOf = ({ actor, time, reason, ticket, changeId }: AuditEvent): Origin => ({
  ...{ by: actor, at: time, reason, ticket, changeId },
});
