import { DomainError } from '../problem.ts';
import type { ChangeCommand } from './change.ts';
import type { AuthorizationRequest, Authorizer, GuardedAction, Identity, Secret } from './ports.ts';

/** The change is permitted once a second person of this group has approved it. */
export class ApprovalRequired extends Error {
  readonly group: string;
  constructor(group: string) {
    super(`A member of the group ${group} must approve this change.`);
    this.name = 'ApprovalRequired';
    this.group = group;
  }
}

/**
 * Asks the guardrails about a change, with the secret's tags as they are now.
 * @throws DomainError forbidden, naming the policies; ApprovalRequired
 */
export function guardChange(authorizer: Authorizer, command: ChangeCommand, secret: Secret): void {
  // The service's own chores only take away what has ended by itself.
  if (command.requester.identity.method === 'system') return;
  const approval = assertAllowed(authorizer, {
    identity: command.requester.identity,
    action: command.guard.action,
    secret,
    context: {
      ...command.guard.context,
      hasReason: command.reason !== null,
      hasTicket: command.ticket !== null,
      dryRun: command.dryRun,
    },
  });
  if (approval !== null && command.approved !== true && !command.dryRun) throw new ApprovalRequired(approval);
}

/** Asks the guardrails about a look. @throws DomainError forbidden */
export function guardLook(
  authorizer: Authorizer,
  identity: Identity,
  action: GuardedAction,
  secret: AuthorizationRequest['secret'] = null,
): void {
  assertAllowed(authorizer, {
    identity,
    action,
    secret,
    context: { hasReason: false, hasTicket: false, escalates: false, dryRun: false },
  });
}

/** @returns the group that must approve; null when nobody must */
function assertAllowed(authorizer: Authorizer, request: AuthorizationRequest): string | null {
  const decision = authorizer.decide(request);
  if (decision.allowed) return decision.approval;
  const why =
    decision.policies.length > 0
      ? `It is forbidden by: ${decision.policies.join(', ')}.`
      : 'No guardrail permits it: the caller lacks the scope, or the group that owns the secret.';
  throw new DomainError('forbidden', `You may not do this (${request.action}). ${why}`, {
    extensions: { policies: decision.policies },
  });
}
