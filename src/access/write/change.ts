import type { AuditAction, DroppedDenial } from '../../audit/event.ts';
import { etagOf } from '../../policy/canonical.ts';
import { diffPolicies, type PatchOperation } from '../../policy/changes/diff.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import type { PolicyView } from '../../policy/entries/compile.ts';
import type { Entry } from '../../policy/entries/entry.ts';
import { type EntryInWords, entryInWords } from '../../policy/entries/words.ts';
import type { Budget, InTurns } from '../../policy/evaluate/budget.ts';
import type { DomainError } from '../../problems/problem.ts';
import type { CommandBase } from '../commands/command.ts';
import type { AuthorizationRequest, GuardedAction } from '../guard/authorizer.ts';
import type { Identity } from '../identity.ts';
import type { Effect } from '../judge/effect/effect.ts';
import { summaryOf } from '../judge/effect/summary.ts';
import type { Leg } from '../judge/legs/leg.ts';
import type { Secret } from '../secret.ts';

/** What a use case wants done to one secret's policy. */
export type ChangeCommand = CommandBase & {
  action: AuditAction;
  /** What the guardrails are asked. */
  guard: {
    action: GuardedAction;
    context: Omit<AuthorizationRequest['context'], 'hasReason' | 'hasTicket' | 'dryRun'>;
  };
  /** Recorded in the audit log. */
  request: Record<string, unknown>;
  /** `If-None-Match: *`: only when no policy is attached. */
  ifNoneMatch?: boolean;
  /** The group of which a second person has approved it (approvals/). */
  approvedBy?: string;
  /** The ETag of the policy that the second person saw. */
  approvedOn?: string;
  /** AWS's own ValidateResourcePolicy is asked first: for a Deny, or a document that is not ours. */
  validate: boolean;
  /**
   * Pure: the policy as it should be. `missing`: entries of ours that somebody else dropped, and `droppedDenials`:
   * statements of others that went with them (drift.ts).
   * @throws DomainError to refuse
   */
  edit(view: PolicyView, secret: Secret, missing: readonly Entry[], droppedDenials: readonly DroppedDenial[]): Edit;
  /** What else is to be warned of, where that takes more than a moment to find out. Pure. */
  warn?(secret: Secret): (budget: Budget) => InTurns<Warning[]>;
  /** Runs beside the write, for what the answer says beyond the policy. `isRecorded`: after its intent. */
  alongside?(
    secret: Secret,
    planned: Edit & { after: PolicyDocument | null; command: Pick<ChangeCommand, 'background' | 'toldTo'> },
    options: { isRecorded: boolean },
  ): Promise<Beside>;
  /** Who is told what it comes to, where that is somebody else than who asked for it: what may be known of readers differs. */
  toldTo?: Identity;
  /** Nobody waits for it: where AWS's quota makes changes wait, it goes after those that somebody waits for. */
  background?: true;
  /** `afterwards` has something to do also where the policy was so already. */
  actsUnchanged?: boolean;
  /** What is tried in its place where AWS refuses it: the same change, with less in it. */
  otherwise?(refusal: DomainError): ChangeCommand | undefined;
  /** `afterwards` sees to key grants: a process that dies before it did leaves that to another (recover/finish-grants.ts). */
  owesGrants?: boolean;
  /** Runs once the change stands, outside the secret's lock: what follows from it elsewhere (a key grant). */
  afterwards?(change: Change): Promise<Change>;
};

/** `missing`: what is still missing afterwards, where that is not simply what the edited policy does not have. */
type Edit = { view: PolicyView; entry?: Entry; warnings?: Warning[]; missing?: Entry[] };
export type Warning = { code: string; message: string };
export type Beside = { legs: Leg[]; warnings?: Warning[] };

/** The answer of every mutation. */
export type Change = {
  changeId: string;
  changed: boolean;
  dryRun: boolean;
  /** One sentence: what is so now, and what is still missing for whom. */
  summary: string;
  effect: Effect;
  legs: Leg[];
  warnings: Warning[];
  share?: EntryInWords;
  denial?: EntryInWords;
  restriction?: EntryInWords;
  secret: { arn: string; name: string };
  policy: PolicyDocument | null;
  before: PolicyDocument | null;
  diff: PatchOperation[];
  etag: string;
};

/** What a change did, or would do. */
export type Outcome = {
  before: PolicyDocument | null;
  after: PolicyDocument | null;
  changed: boolean;
  effect: Effect;
  entry?: Entry | undefined;
};

export function describeChange(
  command: Pick<ChangeCommand, 'changeId' | 'dryRun'>,
  secret: Pick<Secret, 'arn' | 'name'>,
  result: Outcome,
  beside: Beside = { legs: [] },
  warnings: Warning[] = [],
): Change {
  const described = {
    changeId: command.changeId,
    changed: result.changed,
    dryRun: command.dryRun,
    effect: result.effect,
    legs: beside.legs,
    warnings: [...warnings, ...(beside.warnings ?? [])],
    ...(result.entry && { [result.entry.kind]: entryInWords(result.entry) }),
    secret: { arn: secret.arn, name: secret.name },
    policy: result.after,
    before: result.before,
    diff: result.changed ? diffPolicies(result.before, result.after) : [],
    etag: etagOf(result.after),
  };
  return summarised(described);
}

/** The same with the sentence that says it all: anew where something has been done about it since. */
export function summarised(change: Omit<Change, 'summary'> & { summary?: string }): Change {
  const { changeId, changed, dryRun, summary: _, ...rest } = change;
  return { changeId, changed, dryRun, summary: summaryOf(change), ...rest };
}
