import { createLru } from '../../lru.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Identity } from '../identity.ts';
import type { Secret } from '../secret.ts';
import type { ChangeCommand } from '../write/change.ts';
import { noteAsked } from './asked-guardrails.ts';
import type { AuthorizationRequest, Authorizer, Gains, GuardedAction } from './authorizer.ts';
import { whySaid } from './guard-context.ts';

/** The guardrails before a change. */
export type ChangeGuard = {
  /**
   * Asks about a change, with the secret's tags as they are now: before it is planned, and again, with what it gives to
   * whom, once it is.
   * @returns the group of which somebody else must approve it first; null when nobody must, or one has
   * @throws DomainError forbidden, naming the policies
   */
  ask(command: ChangeCommand, secret: Secret, gains?: Gains): string | null;
  /**
   * Asks about changes of a secret before it is known anew: mostly it is as it last was, and the guardrails remember what
   * they said. What they say now is told to nobody.
   */
  askAhead(secretArn: string, commands: readonly ChangeCommand[]): void;
};

const KEPT_SECRETS = 1_000;

export function createChangeGuard(authorizer: Authorizer): ChangeGuard {
  const asLast = createLru<Secret>(KEPT_SECRETS);

  function questionOf(command: ChangeCommand, secret: Secret, gains?: Gains): AuthorizationRequest {
    return {
      identity: command.requester.identity,
      action: command.guard.action,
      secret: asLast.keep(secret.arn, secret),
      context: {
        ...command.guard.context,
        ...whySaid(command, command.dryRun),
        ...(gains && { gains }),
      },
    };
  }

  function ask(command: ChangeCommand, secret: Secret, gains?: Gains): string | null {
    // The service's own chores only take away what has ended by itself.
    if (command.requester.identity.method === 'system') return null;
    const question = questionOf(command, secret, gains);
    const approval = assertAllowed(authorizer, question);
    noteAsked(command.requester, question);
    return approval === command.approvedBy ? null : approval;
  }

  return {
    ask,
    askAhead(secretArn, commands) {
      const secret = asLast.find(secretArn);
      if (secret === undefined) return;
      for (const command of commands) {
        try {
          if (command.requester.identity.method !== 'system') authorizer.decide(questionOf(command, secret));
        } catch {
          // Whatever it is, it comes again when the change is planned.
        }
      }
    },
  };
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

export const LOOK = { hasReason: false, hasTicket: false, escalates: false, dryRun: false };

/** @returns the group that must approve; null when nobody must. @throws DomainError forbidden */
export function assertAllowed(authorizer: Authorizer, request: AuthorizationRequest): string | null {
  const decision = authorizer.decide(request);
  if (decision.allowed) return decision.approval;
  throw new DomainError('forbidden', { action: request.action, policies: decision.policies });
}
