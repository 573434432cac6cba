import type { Test } from 'tap';
import type { AuditEvent } from '../../src/audit/event.ts';
import { policyHash } from '../../src/policy/canonical.ts';
import type { PolicyDocument } from '../../src/policy/document.ts';
import { send } from './client.ts';

/** The events of the journal through the API, in the order of the chain: by their times replicas may differ by a moment. */
export async function readEvents(base: string, query = ''): Promise<AuditEvent[]> {
  const headers = { accept: 'application/x-ndjson' };
  const answer = await send(base, { method: 'GET', path: `/v1/audit-events${query}`, headers });
  if (answer?.status !== 200) throw new Error(`The journal can't be read: ${answer?.text}`);
  const lines = answer.text.split('\n').filter((line) => line !== '');
  return lines.map((line): AuditEvent => JSON.parse(line)).toSorted((a, b) => a.sequence - b.sequence);
}

/** What was done and what came of it, in words: `share applied`, `revoke failed (aws-throttled)`. */
export const inWords = ({ action, outcome, error }: AuditEvent): string =>
  `${action} ${outcome}${error === null ? '' : ` (${error.code})`}`;

/** One change has an intent and an outcome for its policy, and for each of what follows from it. */
export const changeOf = ({ changeId, action }: AuditEvent): string => `${changeId} ${action}`;

/** The intents that have no outcome: an outcome is that of the intent before it. */
export function openIntents(events: readonly AuditEvent[]): AuditEvent[] {
  const open = new Map<string, AuditEvent>();
  for (const event of events) {
    if (event.phase === 'intent') open.set(changeOf(event), event);
    else open.delete(changeOf(event));
  }
  return [...open.values()];
}

/**
 * Holds the journal, at rest, against what must be so whatever died when: a whole chain without a gap, one outcome for each
 * intent, and outcomes that tell, one after another, how each policy came to be what it is now. Nobody else may have
 * changed the policies.
 * @param changeIds of the changes that were answered with `changed: true`
 */
export async function assertJournal(
  t: Test,
  base: string,
  facts: {
    policies: Record<string, PolicyDocument | null>;
    before: Record<string, PolicyDocument | null>;
    changeIds: string[];
  },
): Promise<AuditEvent[]> {
  const events = await readEvents(base);
  const verification = await send(base, { method: 'GET', path: '/v1/audit-events/verification' });
  t.match(verification?.json, { intact: true, events: events.length, firstBroken: null }, 'the chain is whole');
  t.ok(
    events.every(({ sequence }, index) => sequence === index + 1),
    'sequences have no gap',
  );
  t.same(openIntents(events), [], 'every intent has its outcome');

  const outcomes = events.filter(({ phase }) => phase === 'outcome');
  const balance = new Map<string, number>();
  for (const event of events)
    balance.set(changeOf(event), event.phase === 'intent' ? 1 : (balance.get(changeOf(event)) ?? 1) - 1);
  t.same(
    [...balance].filter(([, left]) => left < 0),
    [],
    'and no more than one',
  );
  t.same(
    outcomes.filter(({ action }) => action === 'drift'),
    [],
    'nothing is blamed on others',
  );
  t.same(
    outcomes.filter(({ outcome }) => outcome === 'unknown'),
    [],
    'no outcome is left unknown',
  );

  const applied = outcomes.filter(({ outcome }) => outcome === 'applied');
  const appliedIds = new Set(applied.map(({ changeId }) => changeId));
  t.same(
    facts.changeIds.filter((id) => !appliedIds.has(id)),
    [],
    'what was answered is on record as applied',
  );
  for (const [arn, policy] of Object.entries(facts.policies)) {
    const story = applied.filter(({ secret }) => secret.arn === arn).map((event) => event.policy);
    const hashes = [policyHash(facts.before[arn] ?? null), ...story.map((step) => step?.afterHash)];
    const torn = story.filter((step, index) => step?.beforeHash !== hashes[index]);
    t.same(torn, [], 'each applied change goes on from what the one before left');
    t.equal(hashes.at(-1), policyHash(policy), 'up to the policy that is attached');
  }
  return events;
}
