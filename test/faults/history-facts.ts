import type { Test } from 'tap';
import type { AuditEvent } from '../../src/audit/event.ts';
import { policyHash } from '../../src/policy/canonical.ts';
import { type PolicyDocument, statementsOf } from '../../src/policy/document.ts';
import { foreignStatements } from './bed.ts';
import { changeOf, openIntents } from './journal-facts.ts';
import { OUTSIDE, type Step } from './true-order.ts';

type History = {
  /** Of the journal, oldest first. */
  events: AuditEvent[];
  /** Of the journal that was lost when a backup was restored; none otherwise. */
  lost: AuditEvent[];
  /** The last sequence of the backup; undefined where none was restored. */
  restoredAt: number | undefined;
  steps: readonly Step[];
  before: Record<string, PolicyDocument | null>;
  after: Record<string, PolicyDocument | null>;
};

/** Holds what the journal tells, at rest, against what AWS did in truth. */
export function assertHistory(t: Test, history: History): void {
  const { events, steps } = history;
  t.ok(
    events.every(({ sequence }, index) => sequence === index + 1),
    'sequences have no gap',
  );
  t.same(openIntents(events), [], 'every intent has its outcome');
  t.same(doublyEnded(events), [], 'and no more than one, but for what is told as a conflict');
  t.same(
    events.filter((event) => event.outcome === 'unknown' && !isConflict(event)),
    [],
    'no outcome is left unknown',
  );
  t.same(unintended(history), [], 'nothing was put without an intent');
  t.same(overtaken(steps), [], 'nothing is put while another write may still land');
  t.same(blind(steps), [], 'what the last look before a write showed of others stands in it, to the letter');
  for (const arn of Object.keys(history.after)) {
    t.same(torn(history, arn), [], 'each change goes on from what the one before left, to what is attached');
  }
  t.same(events.filter(changesMore), [], 'an applied change does what it says and undoes nothing');
  t.same(
    history.events.filter((event) => blamesOthers(history, event)),
    [],
    'nothing of ours is blamed on others',
  );
}

/** Writes after which something that somebody else had written is gone: nobody can tell in between a look and a write. */
export const foreignDropped = (steps: readonly Step[]): Step[] =>
  steps.filter(({ kind, who, secret, policy }, index) => {
    if (kind !== 'write' || who === OUTSIDE) return false;
    const stood = steps.slice(0, index).findLast((step) => step.secret === secret);
    return stood !== undefined && textOf(foreignStatements(stood.policy)) !== textOf(foreignStatements(policy));
  });

/** What was undone, and is on record as undone. */
export const told = (events: readonly AuditEvent[]): AuditEvent[] =>
  events.filter((event) => isConflict(event) || landedLate(event));

const isConflict = ({ error }: AuditEvent): boolean => error?.code === 'conflict';
const landedLate = ({ action, request }: AuditEvent): boolean => action === 'drift' && 'landedLate' in request;
const isApplied = ({ phase, outcome, policy }: AuditEvent): boolean =>
  phase === 'outcome' && outcome === 'applied' && policy !== null;
const isUnchanged = ({ outcome, policy }: AuditEvent): boolean => outcome === 'unchanged' && policy !== null;
const textOf = (value: unknown): string => JSON.stringify(value);
const inShort = ({ sequence, time, phase, action, outcome, error, changeId, policy }: AuditEvent) => ({
  ...{ sequence, time, phase, action, outcome, error: error?.code, changeId },
  hashes: [policy?.beforeHash, policy?.afterHash],
});

/**
 * Whatever has something to do has an intent, and an outcome for each; what has nothing to do, one outcome alone. What was not
 * applied may be tried again under its id, with another intent.
 */
function doublyEnded(events: readonly AuditEvent[]) {
  const [open, known, wrong] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const event of events) {
    const of = changeOf(event);
    const isEnd = event.phase === 'outcome' && open.delete(of);
    const isAlone = event.phase === 'outcome' && !isEnd && !isConflict(event);
    if (isAlone && (known.has(of) || (isApplied(event) && event.action !== 'drift'))) wrong.add(of);
    if (event.phase === 'intent' && open.has(of)) wrong.add(of);
    if (event.phase === 'intent') open.add(of);
    known.add(of);
  }
  return [...wrong].map((of) => events.filter((event) => changeOf(event) === of).map(inShort));
}

function unintended({ events, lost, steps }: History) {
  const intended = new Set(
    [...lost, ...events]
      .filter(({ phase }) => phase === 'intent')
      .map(({ secret, policy }) => `${secret.arn} ${policy?.afterHash}`),
  );
  return steps
    .filter(({ kind, who }) => kind === 'write' && who !== OUTSIDE)
    .filter(({ secret, policy }) => !intended.has(`${secret} ${policyHash(policy)}`));
}

function overtaken(steps: readonly Step[]) {
  const isOwnWrite = ({ kind, who }: Step) => kind === 'write' && who !== OUTSIDE;
  return steps.filter((step, index) => {
    const meanwhile = steps
      .slice(step.sentAfter, index)
      .filter((other) => isOwnWrite(other) && other.secret === step.secret);
    return isOwnWrite(step) && meanwhile.some((other) => policyHash(other.policy) !== policyHash(step.policy));
  });
}

function blind(steps: readonly Step[]) {
  return steps.flatMap((step) => {
    const { who, kind, secret, sentAfter, policy } = step;
    if (kind !== 'write' || who === OUTSIDE) return [];
    const look = steps
      .slice(0, sentAfter)
      .findLast((earlier) => earlier.kind === 'look' && earlier.who === who && earlier.secret === secret);
    const [seen, put] = [foreignStatements(look?.policy ?? null), foreignStatements(policy)];
    return look !== undefined && textOf(seen) === textOf(put) ? [] : [{ ...step, seen, put }];
  });
}

function torn({ events, before, after }: History, arn: string) {
  const story = events.filter((event) => (isApplied(event) || isUnchanged(event)) && event.secret.arn === arn);
  const hashes = [
    story[0]?.policy?.beforeHash ?? policyHash(before[arn] ?? null),
    ...story.map(({ policy }) => policy?.afterHash),
  ];
  const broken = story.filter(({ policy }, index) => policy?.beforeHash !== hashes[index]).map(inShort);
  const last = policyHash(after[arn] ?? null);
  return hashes.at(-1) === last ? broken : [...broken, { arn, journal: hashes.at(-1), attached: last }];
}

/** How often each account is named, by effect. */
function named(policy: PolicyDocument | null): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { Effect, Sid, Principal } of statementsOf(policy)) {
    if (!isOurs({ Sid })) continue;
    for (const [account] of textOf(Principal ?? '').matchAll(/\d{12}/g))
      counts.set(`${Effect} ${account}`, (counts.get(`${Effect} ${account}`) ?? 0) + 1);
  }
  return counts;
}
const isOurs = ({ Sid }: { Sid?: string | undefined }): boolean => /^(Share|Deny|Restrict)/.test(Sid ?? '');
const oursOf = (policy: PolicyDocument | null): string =>
  textOf(statementsOf(policy).filter(isOurs).map(textOf).toSorted());

function changesMore(event: AuditEvent): boolean {
  if (!isApplied(event) || event.action === 'drift' || event.policy === null) return false;
  const { before, after } = event.policy;
  const [was, is] = [named(before), named(after)];
  const differing = [...new Set([...was.keys(), ...is.keys()])].filter((name) => was.get(name) !== is.get(name));
  return differing.length !== 1 || textOf(foreignStatements(before)) !== textOf(foreignStatements(after));
}

/** Others write statements of their own alone; but the first drift after a restore is of what the journal does not know. */
function blamesOthers({ events, restoredAt = Number.POSITIVE_INFINITY }: History, event: AuditEvent): boolean {
  if (event.action !== 'drift' || landedLate(event) || event.policy === null) return false;
  const before = events.filter(({ secret, sequence }) => secret.arn === event.secret.arn && sequence < event.sequence);
  const isKnown = before.some(
    ({ sequence, phase, action }) => sequence > restoredAt && (phase === 'intent' || action === 'drift'),
  );
  const isFirst = event.sequence > restoredAt && !isKnown;
  return !isFirst && oursOf(event.policy.before) !== oursOf(event.policy.after);
}
