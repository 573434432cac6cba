import { GET_SECRET_VALUE } from '../../../policy/actions.ts';
import type { Decision } from '../../../policy/evaluate/evaluation.ts';
import type { Identity } from '../../identity.ts';
import { judgeAccess } from '../../judge/judge-access.ts';
import { type Reader, readerOf } from '../../judge/reader.ts';
import { judgeInTurns } from '../../judge/turns.ts';
import type { Evicted } from '../incident.ts';
import type { SeenSecret } from './targets.ts';

export const readerEvicted = (evicted: Evicted, partition: string): Reader =>
  readerOf('account' in evicted ? evicted.account : evicted.principal, partition);

/** Whether somebody, or one of those for whom it stands, may have read a secret: what was never seen may have been. */
export async function mayRead(
  { secret, policy }: SeenSecret,
  named: Reader,
  { now, identity }: { now: Date; identity: Identity },
): Promise<boolean> {
  if (policy === undefined) return true;
  const asked = { named, action: GET_SECRET_VALUE, context: {} };
  const { evaluation } = await judgeInTurns(identity, (budget) => judgeAccess({ secret, policy, now }, asked, budget));
  return mayBe(evaluation.decision) || evaluation.exceptions.some(({ decision }) => mayBe(decision));
}

const mayBe = (decision: Decision): boolean => decision === 'allowed' || decision === 'unknown';
