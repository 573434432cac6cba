import type { StoredItem } from '../../bulk/operation.ts';
import { isDone } from '../lift/progress.ts';

export const notDoneReasons = ['failed', 'refused', 'cancelled', 'awaitingApproval', 'open'] as const;

export type NotDone = {
  secretId: string;
  /** `open`: it lets somebody in who is evicted, since the incident was begun; or what was denied was taken out. */
  reason: (typeof notDoneReasons)[number];
  problem: { code: string; detail: string };
};

/** What still denies, and `todo`: who may end that, and how. */
export type NotLifted = Omit<NotDone, 'reason'> & { todo: string };

export const OPEN = {
  reason: 'open',
  problem: {
    code: 'policy-changed',
    detail: 'It was not there when this was begun, or let nobody in who is evicted. Evict again.',
  },
} as const;

export const TAKEN_OUT = {
  reason: 'open',
  problem: {
    code: 'policy-changed',
    detail: 'What was denied is not in the policy any more, by what was seen of it since. Begin this again.',
  },
} as const;

export function notDoneOf({ secretId, status, request, result }: StoredItem, isOver: boolean): NotDone | null {
  if (isDone(status) || (!isOver && (status === 'pending' || status === 'running'))) return null;
  const told = (reason: NotDone['reason'], code: string, detail: string): NotDone => ({
    ...{ secretId, reason },
    problem: result?.problem ?? { code, detail },
  });
  if (status === 'awaitingApproval')
    return told(status, 'forbidden', `A second person must approve it: ${waitsFor(result)}.`);
  if (status === 'failed')
    return told(request['refused'] === true ? 'refused' : status, 'internal-error', 'It failed.');
  return told('cancelled', 'stored-command-refused', 'It was cancelled, or nobody knows what became of it.');
}

const waitsFor = (result: StoredItem['result']): string => `/v1/approvals/${result?.approvalId ?? ''}`;

/** The database says that it is done, and nothing says that this service did it. */
export const UNPROVEN = {
  reason: 'failed',
  problem: {
    code: 'stored-command-refused',
    detail: 'The database says that it was done, and this service did not record that: look at the secret itself.',
  },
} as const;

/** @param item of a lift that has ended, and that did not lift it */
export function notLiftedOf(item: StoredItem): NotLifted {
  const { secretId, problem } = notDoneOf(item, true) ?? { secretId: item.secretId, ...UNPROVEN };
  return { secretId, problem, todo: TODO[problem.code] ?? 'Lift again once the cause is gone.' };
}

const BY_HAND = 'whoever may change the policy in AWS takes out the statements whose Sid begins with Incident';

/** By the codes of problems. */
const TODO: Readonly<Record<string, string>> = {
  'policy-public':
    'Whoever may write the policy takes out, or ties to somebody, the statement that lets everybody in; then lift again.',
  forbidden: `Somebody who may lift it there does so; an account that this service works for no more is named in ALLOWED_ACCOUNTS again by who runs it; or ${BY_HAND}.`,
  'policy-changed': `The statement that was edited in AWS is made as it was, then lift again; or ${BY_HAND}.`,
  'policy-too-large': 'Whoever may write the policy takes out what it needs no more; then lift again.',
  'aws-access-denied': `Who runs this service gives its role what it lacks there, then lift again; or ${BY_HAND}.`,
};
