import type { Actor, AuditAction } from '../../audit/event.ts';
import type { PatchOperation } from '../../policy/changes/diff.ts';
import type { CommandRequest } from '../commands/command-registry.ts';
import type { Gains } from '../guard/authorizer.ts';
import type { Requester } from '../identity.ts';
import { type Effect, NO_EFFECT } from '../judge/effect/effect.ts';
import type { Leg } from '../judge/legs/leg.ts';
import type { Secret } from '../secret.ts';
import type { Change, ChangeCommand, Warning } from '../write/change.ts';

/** How long a change waits for a second person, in milliseconds. */
export const APPROVAL_LIFETIME_MS = 24 * 60 * 60 * 1_000;

/**
 * `approved`: somebody has approved it, and it is being applied, or will be in some seconds. `failed`: it was approved,
 * and could not be applied.
 */
export const approvalStatuses = ['pending', 'approved', 'applied', 'rejected', 'expired', 'failed'] as const;
export type ApprovalStatus = (typeof approvalStatuses)[number];

/** Who said yes or no, when and why. */
export type Decision = {
  by: Requester;
  at: string;
  reason: string | null;
  /** Of the policy that a yes is for. */
  etag?: string;
  /** Of which whoever decided on a request for access was a member. */
  group?: string;
  /** What a yes gives in the place of what was asked for: less. */
  narrowed?: { expiresAt?: string; actions?: string[] };
  seal?: string;
};

/** A change that a guardrail holds until a second person approves it: what is kept of it. */
export type Approval = {
  /** The change's own id, so that the audit log has all of its events under one. */
  id: string;
  status: ApprovalStatus;
  /** A member of this group decides. */
  group: string;
  /** What the command is built from again. */
  asked: CommandRequest;
  /** What the guardrails were asked; they are asked about whoever decides as well. */
  guard: ChangeCommand['guard'];
  /** As it was when the change was asked for. */
  secret: Pick<Secret, 'arn' | 'name' | 'account' | 'region' | 'tags'>;
  /** What it would have done to the policy of then. */
  summary: string;
  effect: Effect;
  diff: PatchOperation[];
  warnings: Warning[];
  /** RFC 3339 */
  requestedAt: string;
  expiresAt: string;
  decision: Decision | null;
  /** Why it could not be applied; while it is `approved`, why not yet. */
  problem: { code: string; detail: string } | null;
  /** Says that this service stored it (stored/command-seal.ts): what was asked for, and by `decision.seal` what was decided. */
  seal?: string;
};

/** An approval as callers see it. */
export type PendingChange = {
  approvalId: string;
  /** The same as `approvalId`: the audit log has everything about it under this id. */
  changeId: string;
  status: ApprovalStatus;
  group: string;
  secret: { arn: string; name: string };
  action: AuditAction;
  request: Record<string, unknown>;
  reason: string | null;
  ticket: string | null;
  summary: string;
  effect: Effect;
  /** Of a share that waits: what reading takes. */
  legs: Leg[];
  diff: PatchOperation[];
  warnings: Warning[];
  /** Of the policy that summary, effect and difference are of; null once it is decided, or where that can't be said. */
  etag: string | null;
  requestedBy: Actor;
  requestedAt: string;
  expiresAt: string;
  /** What a yes gave in the place of what was asked for; there where that was less. */
  granted?: NonNullable<Decision['narrowed']>;
  decidedBy: Actor | null;
  decidedAt: string | null;
  decisionReason: string | null;
  problem: { code: string; detail: string } | null;
};

/** What is said of an approval as of now, in the place of what was kept of it. */
export type AsOfNow = Partial<
  Pick<PendingChange, 'etag' | 'summary' | 'effect' | 'legs' | 'diff' | 'warnings' | 'problem'>
>;

export function describeApproval(approval: Approval, now: AsOfNow = {}): PendingChange {
  const { id, status, group, asked, secret, decision, ...rest } = approval;
  return {
    approvalId: id,
    changeId: id,
    status,
    group,
    secret: { arn: secret.arn, name: secret.name },
    action: asked.action,
    request: asked.request,
    reason: asked.reason,
    ticket: asked.ticket,
    summary: rest.summary ?? '',
    effect: rest.effect ?? NO_EFFECT,
    legs: [],
    diff: rest.diff,
    warnings: rest.warnings,
    etag: null,
    requestedBy: actorOf(asked.requester),
    requestedAt: rest.requestedAt,
    expiresAt: rest.expiresAt,
    ...(decision?.narrowed && { granted: decision.narrowed }),
    decidedBy: decision && actorOf(decision.by),
    decidedAt: decision?.at ?? null,
    decisionReason: decision?.reason ?? null,
    problem: rest.problem,
    ...now,
  };
}

type Preview = Pick<Change, 'summary' | 'effect' | 'diff' | 'warnings' | 'etag'>;

/** The change is permitted once a member of this group has approved it. */
export class ApprovalRequired extends Error {
  readonly group: string;
  readonly secret: Secret;
  /** What it would do to the policy of now, whose ETag it bears. */
  readonly preview: Preview;
  /** What the guardrails were told of it. */
  readonly gains: Gains;
  constructor(group: string, secret: Secret, preview: Preview, gains: Gains) {
    super(`A member of the group ${group} must approve this change.`);
    this.name = 'ApprovalRequired';
    this.group = group;
    this.secret = secret;
    this.preview = preview;
    this.gains = gains;
  }
}

/** What a dry run says in its place. */
export const approvalWarning = (group: string): Warning => ({
  code: 'approval-required',
  message: `It would wait until somebody else, of the group ${group}, approves it.`,
});

/** What its audit events say of the change, besides who did what. */
export const auditedAs = (
  { id, asked, group, expiresAt, decision }: Approval,
  by: Requester,
): Pick<ChangeCommand, 'changeId' | 'requester' | 'request' | 'reason' | 'ticket'> => ({
  changeId: id,
  requester: by,
  request: {
    action: asked.action,
    request: asked.request,
    ...(decision?.narrowed && { granted: decision.narrowed }),
    group: decision?.group ?? group,
    requestedBy: asked.requester.identity.subject,
    expiresAt,
  },
  reason: decision === null ? asked.reason : decision.reason,
  ticket: asked.ticket,
});

const actorOf = ({ identity: { subject, issuer, method } }: Requester): Actor => ({ subject, issuer, method });
