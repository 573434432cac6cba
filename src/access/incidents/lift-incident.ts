import type { Clock } from '../../clock.ts';
import { canonicalStatement, etagOf, samePolicy } from '../../policy/canonical.ts';
import { type PolicyDocument, statementsOf } from '../../policy/document.ts';
import { compile, type PolicyView } from '../../policy/entries/compile.ts';
import { addEntry, removeEntry } from '../../policy/entries/edit.ts';
import { type Entry, isOver, parametersOf } from '../../policy/entries/entry.ts';
import { parse } from '../../policy/entries/parse.ts';
import { templateNamed } from '../../policy/entries/templates/index.ts';
import { incidentSid, incidentStatement, withoutIncident } from '../../policy/incident-statement.ts';
import { DomainError } from '../../problems/problem.ts';
import type { CommandBase } from '../commands/command.ts';
import type { KeyGranter } from '../commands/grant-key.ts';
import type { ChangeCommand } from '../write/change.ts';
import { takenBy } from './evict-principal.ts';

/** What an incident did to one secret, as the journal has it. */
export type MadeByIncident = {
  secret: { arn: string; name: string };
  before: PolicyDocument | null;
  policy: PolicyDocument | null;
  /** Whose key grants it revoked. */
  revoked: string[];
};

/** What is no longer kept is null: then what was denied is allowed again, and nothing is given back. */
export type IncidentHistory = { madeBy(changeId: string): Promise<MadeByIncident | null> };

type Lift = { incident: string; changeId: string };
type Deps = { incidents: IncidentHistory; granter: KeyGranter; clock: Clock };

/**
 * Takes out just what an incident added, and gives back what it took unless that has expired, or its principal was deleted.
 * Where nothing else has changed the policy is the one of before. The command throws policy-changed where somebody edited
 * the incident's statement by hand.
 */
export async function liftIncident(
  base: CommandBase,
  { incident, changeId }: Lift,
  deps: Deps,
): Promise<ChangeCommand> {
  const made = await deps.incidents.madeBy(changeId);
  const now = deps.clock();
  const taken = made === null ? [] : takenBy(made);
  const due = taken.filter((entry) => !isOver(entry, now));
  const command: ChangeCommand = {
    ...base,
    action: 'lift',
    request: { incident, changeId },
    guard: { action: 'lift', context: { escalates: false } },
    validate: false,
    edit(view, { arn, partition }) {
      if (made === null) return { view: withoutIncident(view, incident) };
      if (made.secret.arn !== arn) throw new DomainError('change-not-found', { changeId });
      if (samePolicy(compile(view), made.policy)) {
        const gone = taken.filter((entry) => isOver(entry, now));
        const before = parse(made.before, partition);
        return { view: gone.reduce<PolicyView>((policy, { id }) => removeEntry(policy, id).view, before) };
      }
      assertAsAdded(view, incident, made);
      return {
        view: due.reduce((policy, entry) => withEntry(policy, entry, partition), withoutIncident(view, incident)),
      };
    },
    async afterwards(change) {
      let answer = change;
      for (const entry of due.filter(({ principal = '' }) => made?.revoked.includes(principal)))
        answer = await deps.granter.again(command, answer, entry);
      return answer;
    },
  };
  return command;
}

function withEntry(view: PolicyView, entry: Entry, partition: string): PolicyView {
  const template = templateNamed(entry.template);
  return template === undefined ? view : addEntry(view, template, parametersOf(entry, template), partition).view;
}

/** @throws DomainError policy-changed */
function assertAsAdded(view: PolicyView, incident: string, { policy }: MadeByIncident): void {
  const found = incidentStatement(view, incident);
  const added = statementsOf(policy).find(({ Sid }) => Sid === incidentSid(incident));
  if (found === undefined || added === undefined || canonicalStatement(found) === canonicalStatement(added)) return;
  throw new DomainError('policy-changed', { etag: etagOf(compile(view)) });
}
