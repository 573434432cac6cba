import { canonicalStatement } from '../../../policy/canonical.ts';
import { type PolicyDocument, statementsOf } from '../../../policy/document.ts';
import { asIncident } from '../../../policy/incident-statement.ts';
import { DomainError } from '../../../problems/problem.ts';
import type { Effect, EffectItem } from '../../judge/effect/effect.ts';
import type { Secret } from '../../secret.ts';
import type { ChangeCommand } from '../../write/change.ts';
import { denialsOf } from '../changes/denials.ts';
import { accountEvicted, isOf, letsServicesOf, mayBeAmong } from '../evicted.ts';
import { type Evicted, isIncidentAction, type StandingIncident } from '../incident.ts';

type Changed = {
  command: Pick<ChangeCommand, 'action' | 'request'>;
  secret: Secret;
  before: PolicyDocument | null;
  after: PolicyDocument | null;
  effect: Effect;
};

/**
 * What an incident does is done as long as nobody has begun to lift it: what waited for approval comes too late then.
 * @throws DomainError stored-command-refused
 */
export function assertStillStands(
  incidents: readonly StandingIncident[],
  { action, request }: Changed['command'],
): void {
  if (!isIncidentAction(action)) return;
  const stands = incidents.some(({ id, lifting }) => id === request['incident'] && !lifting);
  if (!stands) throw new DomainError('stored-command-refused', { why: 'The incident is lifted.' });
}

/**
 * No change lets in who is evicted, by whatever way it comes. Where the incident’s own Deny stands none can.
 * @throws DomainError held-by-incident
 */
export function assertEvictedStayOut(incidents: readonly StandingIncident[], change: Changed): void {
  const { action, request } = change.command;
  for (const { id, denial } of incidents) {
    if (denial.action !== 'evict' || (action === 'lift' && request['incident'] === id)) continue;
    const has = new Set(statementsOf(change.after).map(canonicalStatement));
    const stands = asIncident(id, denialsOf(denial, change.secret)).every((one) => has.has(canonicalStatement(one)));
    const who = stands ? undefined : letIn(change, denial.evicted);
    if (who !== undefined) throw new DomainError('held-by-incident', { incident: id, who });
  }
}

/** One whom a change lets in, and who is evicted, or may be; undefined where there is none. */
function letIn({ before, after, effect, secret }: Changed, evicted: Evicted): string | undefined {
  const isOwner = accountEvicted(evicted) === secret.account && 'account' in evicted;
  const gain = effect.gains.find(
    (one) =>
      (!isOwner || one.actions.includes('secretsmanager:GetSecretValue')) &&
      mayBeAmong(one.principal, evicted, secret.partition) &&
      !isExcepted(one, evicted),
  );
  if (gain !== undefined) return gain.principal;
  const had = new Set(statementsOf(before).map(canonicalStatement));
  const added = statementsOf(after).filter((statement) => !had.has(canonicalStatement(statement)));
  const acts = added.some((statement) => letsServicesOf(statement, evicted));
  return acts ? `a service that acts for the account ${accountEvicted(evicted)}` : undefined;
}

const isExcepted = ({ except }: EffectItem, evicted: Evicted): boolean =>
  except.some(
    (name) =>
      name.endsWith(`:iam::${accountEvicted(evicted)}:root`) ||
      ('principal' in evicted && isOf(name, evicted.principal)),
  );
