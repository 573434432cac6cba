import { principalArn } from '../../../policy/entries/normalise.ts';
import { accountNamed, isSession } from '../../../policy/principals/principal.ts';
import { wrongField } from '../../../problems/wrong-field.ts';
import type { Evicted, IncidentAsked } from '../incident.ts';

type Tag = { key: string; value?: string };
type Frozen = { secretIds: string[] } | { tag: Tag } | { account: string };

/** An incident that says one thing. `except` are ARNs. */
export type Meant = { action: 'freeze'; frozen: Frozen; except: string[] } | { action: 'evict'; evicted: Evicted };

/** @throws DomainError validation-failed, principal-not-nameable, partition-mismatch */
export function readAsked({ freeze, evict, except }: IncidentAsked, partition: string): Meant {
  if ((freeze === undefined) === (evict === undefined))
    throw wrongField('', 'must have exactly one of freeze and evict');
  if (freeze !== undefined)
    return { action: 'freeze', frozen: frozenIn(freeze), except: exceptions(except, partition) };
  if (except !== undefined) throw wrongField('/except', 'goes with freeze only');
  return { action: 'evict', evicted: evictedIn(evict ?? {}, partition) };
}

function frozenIn({ secretIds, tag, account, ...none }: NonNullable<IncidentAsked['freeze']>): Frozen {
  const said = [secretIds && { secretIds }, tag && { tag }, account === undefined ? undefined : { account }].filter(
    (one) => one !== undefined,
  );
  const [frozen] = said;
  if (frozen === undefined || said.length > 1 || Object.keys(none).length > 0)
    throw wrongField('/freeze', 'must have exactly one of secretIds, tag and account');
  return frozen;
}

function evictedIn({ account, principal }: NonNullable<IncidentAsked['evict']>, partition: string): Evicted {
  if ((account === undefined) === (principal === undefined))
    throw wrongField('/evict', 'must have exactly one of account and principal');
  if (account !== undefined) return { account };
  const arn = principalArn(String(principal), 'evict/principal', partition);
  const whole = accountNamed(arn);
  return whole === undefined ? { principal: arn } : { account: whole };
}

function exceptions(names: readonly string[] = [], partition: string): string[] {
  const arns = names.map((name) => principalArn(name, 'except', partition));
  const session = arns.find(isSession);
  if (session !== undefined) throw wrongField('/except', `must name the role of ${session}, not a session`);
  return [...new Set(arns)].sort();
}
