import type { AuditEvent } from '../../audit/event.ts';
import { entriesOf } from '../../policy/entries/edit.ts';
import { parse } from '../../policy/entries/parse.ts';
import { SYSTEM } from '../identity.ts';
import { effectOf } from '../judge/effect/effect.ts';
import { judgeInTurns } from '../judge/turns.ts';
import { type Change, describeChange } from '../write/change.ts';
import type { ChangeEvents } from './change-events.ts';
import type { Reconciler } from './reconcile.ts';

/**
 * The answer of a change whose process died, or could not record it: from the audit log, after reconciliation.
 * Null when nothing of it stands, so that the request may be carried out anew.
 * @param events of the change, where who asks has read them already
 */
export type ChangeResumer = (changeId: string, events?: readonly AuditEvent[]) => Promise<Change | null>;

export function createChangeResumer(deps: {
  events: Pick<ChangeEvents, 'eventsOfChange'>;
  reconciler: Pick<Reconciler, 'settle'>;
}): ChangeResumer {
  return async (changeId, known) => {
    const events = known ?? (await deps.events.eventsOfChange(changeId));
    const intent = events.find(({ phase }) => phase === 'intent');
    if (intent?.secret.arn == null) return null;
    // Beside the change itself there are events of its approval and of its key grant.
    const ofTheChange = (all: readonly AuditEvent[]) => all.filter(({ action }) => action === intent.action);
    const isOpen = ofTheChange(events).at(-1)?.phase === 'intent';
    if (isOpen) await deps.reconciler.settle(intent.secret.arn);
    const settled = ofTheChange(isOpen ? await deps.events.eventsOfChange(changeId) : events);
    const applied = settled.find(({ outcome }) => outcome === 'applied');
    return applied === undefined ? null : changeOf(applied);
  };
}

async function changeOf({ changeId, secret, policy, time, request }: AuditEvent): Promise<Change | null> {
  if (secret.arn === null || policy === null) return null;
  const partition = secret.arn.split(':')[1] ?? 'aws';
  const [before, after] = [policy.before, policy.after].map((document) => entriesOf(parse(document, partition)));
  const touched = difference(after, before)[0] ?? difference(before, after)[0];
  const known = { arn: secret.arn, account: secret.account ?? '', region: secret.region ?? '' };
  const transition = {
    ...{ before: policy.before, after: policy.after, now: new Date(time) },
    secret: { ...known, partition, kmsKeyId: null, primaryRegion: null, replicas: [], tags: null },
  };
  const effect = await judgeInTurns(SYSTEM.identity, (budget) => effectOf({ ...transition, budget }));
  return describeChange(
    { changeId, dryRun: false },
    { arn: secret.arn, name: secret.name },
    { before: policy.before, after: policy.after, changed: true, effect, entry: touched },
    { legs: [] },
    [RESUMED, ...(asksForGrants({ request }) ? [GRANTS_UNKNOWN] : [])],
  );
}

const RESUMED = { code: 'resumed', message: 'The first answer was lost; this one is from the audit log.' };
const GRANTS_UNKNOWN = {
  code: 'key-grant-failed',
  message:
    'Whether its key grants were made is not looked at here: to be sure, ask for the share again, under another Idempotency-Key.',
};

/** Of a share: the key leg too. */
export const asksForGrants = ({ request }: Pick<AuditEvent, 'request'>): boolean =>
  request['grantKey'] === true || request['complete'] === true;

const difference = (some: ReturnType<typeof entriesOf> = [], others: ReturnType<typeof entriesOf> = []) =>
  some.filter(({ id }) => !others.some((other) => other.id === id));
