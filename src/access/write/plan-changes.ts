import type { DroppedDenial } from '../../audit/event.ts';
import { etagOf, samePolicy } from '../../policy/canonical.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { compile, type PolicyView } from '../../policy/entries/compile.ts';
import { entriesOf, without } from '../../policy/entries/edit.ts';
import type { Entry } from '../../policy/entries/entry.ts';
import { parse } from '../../policy/entries/parse.ts';
import { type Budget, type InTurns, newBudget, STEPS_IN_TURNS } from '../../policy/evaluate/budget.ts';
import { createPauses } from '../../turns/event-loop.ts';
import { ApprovalRequired, approvalWarning } from '../approvals/approval.ts';
import { gainsOf } from '../guard/gains.ts';
import type { ChangeGuard } from '../guard/guard-change.ts';
import type { Identity } from '../identity.ts';
import type { StandingIncident } from '../incidents/incident.ts';
import { assertEvictedStayOut, assertStillStands } from '../incidents/standing/standing.ts';
import { type Effect, effectOf, NO_EFFECT } from '../judge/effect/effect.ts';
import { judgeInTurns } from '../judge/turns.ts';
import type { Secret } from '../secret.ts';
import { type ChangeCommand, describeChange, type Warning } from './change.ts';
import { managedElsewhere } from './managed-elsewhere.ts';
import { assertFits, assertIncidentsStand, assertPreconditions } from './preconditions.ts';
import { stillPublic } from './put/public-policy.ts';
import { withoutThose } from './record/drift.ts';

/** What stands at AWS, what somebody else dropped from it (drift.ts), and the incidents that are not lifted. */
export type Attached = {
  secret: Secret;
  document: PolicyDocument | null;
  missing: readonly Entry[];
  droppedDenials: readonly DroppedDenial[];
  incidents: readonly StandingIncident[];
};

/** A change as planned on the policy that the changes before it in the batch leave. */
export type Step = {
  command: ChangeCommand;
  before: PolicyDocument | null;
  after: PolicyDocument | null;
  view: PolicyView;
  changed: boolean;
  effect: Effect;
  missing: Entry[];
  droppedDenials: DroppedDenial[];
  entry?: Entry;
  warnings: Warning[];
};

/** `ask`: what the guardrails say, the group that must approve, or null; it throws where they forbid. */
export type Planning = { ask: ChangeGuard['ask']; now: Date };

/**
 * Steps (budget.ts) that judging all changes of a batch may take, as long as they hold the lock of their secret: more than any batch of
 * ordinary ones. Those that come when it is used up are made, and not judged: `unknown`.
 */
const STEPS_OF_A_BATCH = 4 * STEPS_IN_TURNS;

/** `reason`: a DomainError, or ApprovalRequired. */
type Refusal = { command: ChangeCommand; reason: unknown };
export type Plan = { steps: Step[]; refusals: Refusal[] };

/**
 * Applies the commands one after another. One that is refused changes nothing, and the next goes on without it. Pure; of many it
 * takes a while, in which others have their turn.
 */
export async function planChanges(
  attached: Attached,
  commands: readonly ChangeCommand[],
  deps: Planning,
): Promise<Plan> {
  const pause = createPauses();
  const pool = newBudget(STEPS_OF_A_BATCH);
  const plan: Plan = { steps: [], refusals: [] };
  const { secret, incidents } = attached;
  let view = parse(attached.document, secret.partition);
  let { document, missing, droppedDenials } = attached;
  for (const command of commands) {
    try {
      const now = { secret, document, missing, droppedDenials, incidents };
      const step = await planChange(now, command, deps, { view, pool });
      plan.steps.push(step);
      ({ view, after: document, missing, droppedDenials } = step);
    } catch (reason) {
      plan.refusals.push({ command, reason });
    }
    await pause();
  }
  return plan;
}

/**
 * One command on what is attached, `view` being that document as it was parsed, and `pool` what judging a batch may take.
 * @throws DomainError forbidden, policy-changed, policy-too-large, and whatever the command refuses with
 * @throws ApprovalRequired where somebody else must approve it first
 */
export async function planChange(
  { secret, document: before, missing, droppedDenials, incidents }: Attached,
  command: ChangeCommand,
  { ask, now }: Planning,
  {
    view = parse(before, secret.partition),
    pool = newBudget(STEPS_OF_A_BATCH),
  }: { view?: PolicyView; pool?: Budget } = {},
): Promise<Step> {
  const asked = ask(command, secret);
  assertPreconditions(before, command);
  assertStillStands(incidents, command);
  const { view: edited, entry, warnings: said = [], ...edit } = command.edit(view, secret, missing, droppedDenials);
  const compiled = compile(edited);
  const changed = !samePolicy(before, compiled);
  const after = changed ? compiled : before;
  assertFits(before, after);
  if (changed) assertIncidentsStand(before, after, command);
  const { identity } = command.requester;
  const found = command.warn && (await judgeFrom(pool, identity, command.warn(secret)));
  const warnings = [...(found ?? []), ...said, ...managedElsewhere(secret), ...stillPublic(after, command)];
  const stillMissing = edit.missing ?? (missing.length === 0 ? [] : without(missing, entriesOf(edited)));
  const effect = changed
    ? await judgeFrom(pool, identity, (budget) => effectOf({ before, after, secret, now, budget }))
    : NO_EFFECT;
  assertEvictedStayOut(incidents, { command, secret, before, after, effect });
  const gains = gainsOf(effect, secret);
  const approval = effect.gains.length === 0 ? asked : ask(command, secret, gains);
  const step = {
    ...{ command, before, after, view: edited, changed, effect, missing: stillMissing },
    droppedDenials: stillMissing.length === 0 ? [] : withoutThose(droppedDenials, after),
    ...(entry && { entry }),
  };
  // What changes nothing, here or elsewhere, needs nobody.
  if (approval === null || !(changed || command.actsUnchanged === true)) return { ...step, warnings };
  if (command.dryRun) return { ...step, warnings: [...warnings, approvalWarning(approval)] };
  const rehearsed = { ...command, dryRun: true };
  const preview = { ...describeChange(rehearsed, secret, step, undefined, warnings), etag: etagOf(before) };
  throw new ApprovalRequired(approval, secret, preview, gains);
}

async function judgeFrom<Result>(
  pool: Budget,
  identity: Identity,
  work: (budget: Budget) => InTurns<Result>,
): Promise<Result> {
  const given = Math.min(STEPS_IN_TURNS, pool.left);
  const budget = newBudget(given);
  try {
    return await judgeInTurns(identity, work, budget);
  } finally {
    pool.left -= given - Math.max(0, budget.left);
  }
}
