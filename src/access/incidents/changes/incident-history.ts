import type { AuditEvent } from '../../../audit/event.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import { entriesOf, without } from '../../../policy/entries/edit.ts';
import type { Entry } from '../../../policy/entries/entry.ts';
import { parse } from '../../../policy/entries/parse.ts';
import type { AuditTrail } from '../../looks/audit-trail.ts';
import type { ChangeEvents } from '../../recover/change-events.ts';
import { isIncidentAction, isIncidentChange } from '../incident.ts';
import { takenBy } from './evict-principal.ts';

/** What an incident did to one secret, as the journal has it. */
export type MadeByIncident = {
  secret: { arn: string; name: string };
  before: PolicyDocument | null;
  policy: PolicyDocument | null;
  /** False where only its intent is known: it did so where its statement stands. */
  isCertain: boolean;
  /** What it took, and has to give back: not what somebody else has taken since, nor anything a second time. */
  taken: Entry[];
  /** The ids of what it took and does not give back. */
  kept: ReadonlySet<string>;
  /** Whose key grants it revoked. */
  revoked: string[];
};

/** By the journal alone, whose chain shows who changes it. */
export type IncidentHistory = {
  /**
   * @param lift its own change id does not count as an earlier lift
   * @returns null for what is no longer kept, or was never begun: then nothing is given back
   */
  madeBy(changeId: string, lift: string): Promise<MadeByIncident | null>;
};

/** Milliseconds: by so much an event may bear an earlier time than one before it. */
const SKEW = 3_600_000;

export function createIncidentHistory({
  eventsOfChange,
  stream,
}: Pick<ChangeEvents, 'eventsOfChange'> & Pick<AuditTrail, 'stream'>): IncidentHistory {
  /** What was applied to the secret since: newest first. */
  async function* since({ secret, sequence, time }: AuditEvent): AsyncGenerator<AuditEvent> {
    const from = new Date(Date.parse(time) - SKEW);
    for await (const event of stream({ secret: secret.arn ?? '', from })) {
      const { outcome } = event;
      if (event.sequence > sequence && (outcome === 'applied' || outcome === 'unchanged')) yield event;
    }
  }

  async function keptSince(made: AuditEvent, taken: readonly Entry[], lift: string): Promise<Set<string>> {
    const kept = new Set<string>();
    const partition = made.secret.arn?.split(':')[1] ?? 'aws';
    if (taken.length === 0) return kept;
    for await (const event of since(made)) {
      if (event.changeId === lift) continue;
      const isLift = event.action === 'lift' && event.request['changeId'] === made.changeId;
      // It was this change that somebody else was taken to have made.
      if (event.request['landedLate'] === made.changeId) continue;
      const gone = isLift ? taken : takenByOthers(event, partition);
      for (const { id } of gone) kept.add(id);
    }
    return kept;
  }

  return {
    async madeBy(changeId, lift) {
      const events = await eventsOfChange(changeId);
      const ofIncident = events.filter(({ action, policy }) => policy !== null && isIncidentAction(action));
      const applied = ofIncident.find(({ outcome }) => outcome === 'applied');
      const made = applied ?? ofIncident.at(-1);
      if (made?.policy == null || made.secret.arn === null) return null;
      const secret = { arn: made.secret.arn, name: made.secret.name };
      const { before, after: policy } = made.policy;
      const all = made.action === 'evict' ? takenBy({ secret, before, policy }) : [];
      const kept = await keptSince(made, all, lift);
      const taken = all.filter(({ id }) => !kept.has(id));
      const revoked = events.flatMap(({ action, outcome, request }) =>
        action === 'revokeGrant' && outcome === 'applied' ? String(request['principal']) : [],
      );
      return { secret, before, policy, isCertain: applied !== undefined, taken, kept, revoked };
    },
  };
}

/** What somebody took out of a policy; of incidents each gives back its own. */
function takenByOthers({ action, policy }: AuditEvent, partition: string): Entry[] {
  if (policy === null || isIncidentChange(action)) return [];
  const [had, has] = [policy.before, policy.after].map((document) => entriesOf(parse(document, partition), 'share'));
  return without(had ?? [], has ?? []);
}
