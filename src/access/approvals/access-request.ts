import { concreteActions } from '../../policy/actions.ts';
import { parseArn } from '../../policy/arn.ts';
import { DomainError } from '../../problems/problem.ts';
import type { CommandRequest } from '../commands/command-registry.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { assertAllowed } from '../guard/guard-change.ts';
import { accountOf, whySaid } from '../guard/guard-context.ts';
import type { Secret } from '../secret.ts';
import type { ChangeCommand } from '../write/change.ts';
import {
  APPROVAL_LIFETIME_MS,
  type Approval,
  type ApprovalRequired,
  type Decision,
  describeApproval,
  type PendingChange,
} from './approval.ts';

/** How long an access request waits, in milliseconds: over a weekend, and some days of leave. */
export const REQUEST_LIFETIME_MS = 7 * 24 * 60 * 60 * 1_000;
/** Of one caller, that nobody has decided. */
export const MOST_OPEN_REQUESTS = 20;

/** A reader asked for it, who may not share; whoever approves it shares. */
export const isAccessRequest = ({ guard }: Pick<Approval, 'guard'>): boolean => guard.action === 'requestAccess';

/** Milliseconds. */
export const lifetimeOf = (approval: Pick<Approval, 'guard'>): number =>
  isAccessRequest(approval) ? REQUEST_LIFETIME_MS : APPROVAL_LIFETIME_MS;

/**
 * The group that decides by the guardrails and the tags of now: of a request for access; of another change the group
 * stays the one of when it was asked for, and is held against the guardrails when it is applied.
 * @throws DomainError forbidden where they no longer let the asker ask
 */
export function groupNow(authorizer: Authorizer, approval: Approval, secret: Secret): string {
  if (!isAccessRequest(approval)) return approval.group;
  const { asked, guard } = approval;
  const { identity } = asked.requester;
  const group = assertAllowed(authorizer, {
    identity,
    action: 'requestAccess',
    secret,
    context: { ...guard.context, ...whySaid(asked) },
  });
  return group ?? nobodyDecides();
}

export function nobodyDecides(): never {
  throw new DomainError('forbidden', { why: 'No guardrail says who decides on requests for access to this secret.' });
}

/**
 * Whose yes counts as the second person's. To a request nobody's does: whoever approves it is the first who may share, and
 * where the guardrails want two for a share, one of them with anybody who asks is not two.
 */
export const secondOf = (approval: Approval): Pick<ChangeCommand, 'approvedBy'> =>
  isAccessRequest(approval) ? {} : { approvedBy: approval.group };

/** The guardrails want somebody of another group, too. */
export function wantsAnother({ group: wanted }: ApprovalRequired, approval: Approval): DomainError {
  const why = isAccessRequest(approval)
    ? `Such a share needs a second person, of the group ${wanted}, and whoever approves a request is the first. Share it yourself: that waits for the second; then reject the request.`
    : `It was approved for the group ${approval.group}; by the guardrails of now the group ${wanted} decides. Ask for the change again.`;
  return new DomainError('forbidden', { why });
}

/** What is made of it once it is approved: for a request, a share by whoever approved it, on the asker's behalf. */
export function commandOf({ asked, decision, ...approval }: Approval): CommandRequest {
  const narrowed = { ...asked, request: { ...asked.request, ...decision?.narrowed } };
  return isAccessRequest(approval) && decision !== null ? { ...narrowed, requester: decision.by } : narrowed;
}

/**
 * What a yes leaves out of a share: it may end earlier, and be of fewer actions.
 * @throws DomainError validation-failed for more than was asked for, or of what is no share
 */
export function assertNarrower(
  { asked }: Approval,
  { expiresAt, actions }: NonNullable<Decision['narrowed']>,
  now: Date,
) {
  const refuse = (path: string, message: string): never => {
    throw new DomainError('validation-failed', {
      why: 'An approval may give less than was asked for, and no more.',
      errors: [{ path, message }],
    });
  };
  if (expiresAt === undefined && actions === undefined) return;
  if (asked.action !== 'share') refuse(expiresAt === undefined ? '/actions' : '/expiresAt', 'goes with shares only');
  if (expiresAt !== undefined) {
    if (Number.isNaN(Date.parse(expiresAt))) refuse('/expiresAt', 'is no time: 2030-01-01T00:00:00Z is one');
    const latest = asked.request['expiresAt'];
    if (latest !== undefined && Date.parse(expiresAt) > Date.parse(String(latest)))
      refuse('/expiresAt', `must not be later than was asked for: ${String(latest)}`);
    if (Date.parse(expiresAt) <= now.getTime())
      refuse('/expiresAt', `must be in the future (now: ${now.toISOString()})`);
  }
  const may = asked.request['actions'];
  const others = concreteActions(actions ?? []).filter(
    (action) => Array.isArray(may) && !concreteActions(may).includes(action),
  );
  if (others.length > 0) refuse('/actions', `were not asked for: ${others.join(', ')}`);
}

/**
 * A request as its asker sees it, who may not read the policy: what it asked for and what became of it, and nothing of
 * what else stands there.
 */
export const asAsked = (approval: Approval): PendingChange => {
  const { problem, ...shown } = describeApproval(approval);
  return { ...shown, problem: problem && { code: problem.code, detail: 'Ask whoever approved it.' } };
};

/** A request as the asker sees it: its legs are what the asker's own side needs, which can't be seen from here. */
export function withOwnSide(pending: PendingChange): PendingChange {
  const { principal, actions } = pending.request;
  const account = accountOf({ principal: String(principal) }) ?? '';
  const isOwn = account === parseArn(pending.secret.arn)?.account;
  const statement = { Effect: 'Allow', Action: actions, Resource: pending.secret.arn };
  return {
    ...pending,
    legs: [
      { leg: 'identityPolicy', status: 'unknown', account, detail: isOwn ? IN_OWN_ACCOUNT : IN_ANOTHER, statement },
    ],
  };
}

const IN_OWN_ACCOUNT =
  'In the secret’s own account the secret’s policy is enough, unless an identity policy denies it, or the key does not let you decrypt.';
const IN_ANOTHER =
  'Your own account must allow it too, in an identity policy that can’t be seen from here: this statement, and kms:Decrypt on ' +
  'the secret’s key, which its owners can name.';
