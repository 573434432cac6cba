import type { Clock } from '../../../clock.ts';
import { etagOf, samePolicy } from '../../../policy/canonical.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import { compile, type PolicyView } from '../../../policy/entries/compile.ts';
import { addEntry, entriesOf, removeEntry, without } from '../../../policy/entries/edit.ts';
import { type Entry, isOver, parametersOf } from '../../../policy/entries/entry.ts';
import { parse } from '../../../policy/entries/parse.ts';
import { templateNamed } from '../../../policy/entries/templates/index.ts';
import {
  areAmong,
  asIncident,
  incidentStatements,
  withoutIncident,
  withoutIncidents,
} from '../../../policy/incident-statement.ts';
import { DomainError } from '../../../problems/problem.ts';
import type { CommandBase } from '../../commands/command.ts';
import type { KeyGranter } from '../../grants/key-granter.ts';
import type { Secret } from '../../secret.ts';
import type { Change, ChangeCommand, Warning } from '../../write/change.ts';
import type { IncidentDenial } from '../incident.ts';
import { denialsOf, storedDenial } from './denials.ts';
import { sharesOf } from './evict-principal.ts';
import type { IncidentHistory, MadeByIncident } from './incident-history.ts';

/** `changeId`: of what the incident did, or was to do, to this secret; `denial`: what it denies. */
type Lift = { incident: string; changeId: string; denial: IncidentDenial };
type Deps = { incidents: IncidentHistory; granter: KeyGranter; clock: Clock };

/**
 * Takes out just what an incident added, whatever became of the call that added it, and gives back what it took and nobody
 * has taken since, unless that has expired, or its principal was deleted. Where nothing else has changed the policy is the
 * one of before. The command throws policy-changed where somebody edited a statement of the incident by hand.
 */
export async function liftIncident(base: CommandBase, lift: Lift, deps: Deps): Promise<ChangeCommand> {
  const { incident, changeId, denial } = lift;
  const made = await deps.incidents.madeBy(changeId, base.changeId);
  const now = deps.clock();
  const due = made === null ? [] : made.taken.filter((entry) => !isOver(entry, now));
  const attempts = attemptsAt(due);

  function attempt(at: number): ChangeCommand {
    const given = attempts[at] ?? [];
    const warnings = due.filter((entry) => !given.includes(entry)).map(notGivenBack);
    const command: ChangeCommand = {
      ...base,
      action: 'lift',
      request: { incident, changeId, ...storedDenial(denial) },
      guard: { action: 'lift', context: { escalates: false } },
      validate: false,
      edit(view, secret) {
        assertAsAdded(view, lift, secret);
        const stands = incidentStatements(view, incident).length > 0;
        // One made again under its name has lost nothing.
        const isDone = made !== null && made.secret.arn === secret.arn && (made.isCertain || stands);
        if (!isDone) return { view: withoutIncident(view, incident) };
        const before = withoutIncidents(parse(made.before, secret.partition));
        const isAsLeft = samePolicy(apart(view), apart(parse(made.policy, secret.partition)));
        const base = isAsLeft ? withIncidentsOf(view, withoutAll(before, made, given)) : view;
        const left = withoutIncident(base, incident);
        const after = given.reduce((policy, entry) => withEntry(policy, entry, secret.partition), left);
        return { view: after, warnings: [...warnings, ...cameMeanwhile(denial, before, after, now)] };
      },
      otherwise: ({ code }) =>
        code === 'principal-not-found' && at + 1 < attempts.length ? attempt(at + 1) : undefined,
      async afterwards(change) {
        let answer = change;
        const isSame = made?.secret.arn === change.secret.arn;
        const came = given.filter((entry) => isThere(change, entry) && made?.revoked.includes(entry.principal ?? ''));
        for (const entry of isSame ? came : []) answer = await deps.granter.again(command, answer, entry);
        return answer;
      },
    };
    return command;
  }
  return attempt(0);
}

/** Of so many principals it is found out which of them AWS knows no more. */
const MOST_LEFT_OUT = 10;

/** What is given back: all, else all but the shares of one, else none, or a principal deleted since would keep the Deny there. */
function attemptsAt(due: readonly Entry[]): (readonly Entry[])[] {
  if (due.length === 0) return [due];
  const names = [...new Set(due.map(({ principal }) => principal))];
  const butOne = names.length === 1 || names.length > MOST_LEFT_OUT ? [] : names;
  return [due, ...butOne.map((name) => due.filter(({ principal }) => principal !== name)), []];
}

const notGivenBack = ({ id, principal = 'somebody' }: Entry): Warning => ({
  code: 'share-not-given-back',
  message: `The share ${id} was not given back: AWS does not know ${principal} any more, or another of those who had one. Share it again.`,
});

/** Who is evicted comes back by no more than it had, unless that is said. */
function cameMeanwhile(denial: IncidentDenial, before: PolicyView, after: PolicyView, now: Date): Warning[] {
  if (denial.action !== 'evict') return [];
  const came = without(sharesOf(after, denial.evicted), sharesOf(before, denial.evicted));
  return came
    .filter((entry) => !isOver(entry, now))
    .map(({ id, principal = 'somebody' }) => ({
      code: 'share-came-meanwhile',
      message: `The share ${id} of ${principal} came while this incident stood: from now on it holds, unless something else denies it.`,
    }));
}

/** A policy apart from all incidents. */
const apart = (view: PolicyView): PolicyDocument | null => compile(withoutIncidents(view));

/** What the incidents add to one policy, added to another. */
const withIncidentsOf = (from: PolicyView, to: PolicyView): PolicyView => {
  const own = new Set(withoutIncidents(from).items);
  return { ...to, items: [...to.items, ...from.items.filter((item) => !own.has(item))] };
};

/** Without what the incident took and does not give back. */
const withoutAll = (before: PolicyView, { kept, taken }: MadeByIncident, given: readonly Entry[]): PolicyView =>
  [...kept, ...taken.filter((entry) => !given.includes(entry)).map(({ id }) => id)].reduce<PolicyView>(
    (policy, id) => removeEntry(policy, id).view,
    before,
  );

function withEntry(view: PolicyView, entry: Entry, partition: string): PolicyView {
  const template = templateNamed(entry.template);
  return template === undefined ? view : addEntry(view, template, parametersOf(entry, template), partition).view;
}

const isThere = ({ policy, secret }: Change, { id }: Entry): boolean =>
  entriesOf(parse(policy, secret.arn.split(':')[1] ?? 'aws')).some((one) => one.id === id);

/** @throws DomainError policy-changed */
function assertAsAdded(view: PolicyView, { incident, denial }: Lift, secret: Secret): void {
  if (areAmong(incidentStatements(view, incident), asIncident(incident, denialsOf(denial, secret)))) return;
  throw new DomainError('policy-changed', { etag: etagOf(compile(view)) });
}
