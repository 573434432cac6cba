import { DomainError } from '../problem.ts';
import type { ChangeCommand } from './change.ts';
import type { AuthorizationRequest, Authorizer, GuardedAction, Identity, Secret } from './ports.ts';

/**
 * Asks the guardrails about a change, with the secret's tags as they are now.
 * @returns the group of which somebody else must approve it first; null when nobody must, or one has
 * @throws DomainError forbidden, naming the policies
 */
export function guardChange(authorizer: Authorizer, command: ChangeCommand, secret: Secret): string | null {
  // The service's own chores only take away what has ended by itself.
  if (command.requester.identity.method === 'system') return null;
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
  return approval === command.approvedBy ? null : approval;
}

/**
 * Asks about several changes before the secret is known anew: mostly it is as it was, and the guardrails remember what
 * they said. What they say now is told to nobody.
 */
export function askAhead(authorizer: Authorizer, commands: readonly ChangeCommand[], last: Secret | undefined): void {
  if (last === undefined) return;
  for (const command of commands) {
    try {
      guardChange(authorizer, command, last);
    } catch {
      // Whatever it is, it comes again when the change is planned.
    }
  }
}

/** Asks the guardrails about a look. @throws DomainError forbidden */
export function guardLook(
  authorizer: Authorizer,
  identity: Identity,
  action: GuardedAction,
  secret: AuthorizationRequest['secret'] = null,
): void {
  assertAllowed(authorizer, { identity, action, secret, context: LOOK });
}

/** For lists, which leave out what the caller may not see. */
export const mayLook = (
  authorizer: Authorizer,
  identity: Identity,
  action: GuardedAction,
  secret: AuthorizationRequest['secret'],
): boolean => authorizer.decide({ identity, action, secret, context: LOOK }).allowed;

const LOOK = { hasReason: false, hasTicket: false, escalates: false, dryRun: false };

/** @returns the group that must approve; null when nobody must. @throws DomainError forbidden */
export function assertAllowed(authorizer: Authorizer, request: AuthorizationRequest): string | null {
  const decision = authorizer.decide(request);
  if (decision.allowed) return decision.approval;
  const why =
    decision.policies.length > 0
      ? `It is forbidden by: ${decision.policies.join(', ')}.`
      : 'No guardrail permits it: the caller lacks the scope.';
  throw new DomainError('forbidden', `You may not do this (${request.action}). ${why}`, {
    extensions: { policies: decision.policies },
  });
}
