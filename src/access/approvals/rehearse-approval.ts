import type { Clock } from '../../clock.ts';
import type { CommandBuilder } from '../commands/command-registry.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { createChangeGuard } from '../guard/guard-change.ts';
import { planChange } from '../write/plan-changes.ts';
import { commandOf, secondOf, wantsAnother } from './access-request.ts';
import { type Approval, ApprovalRequired } from './approval.ts';
import { attachedTo, type Looks } from './preview-approval.ts';

/**
 * Plans what a yes would do, the guardrails asked, before the yes counts: one that can't be carried out uses nothing up.
 * @param decided the approval as the yes would leave it
 * @throws DomainError what carrying it out would be refused with, as far as that shows without AWS's word
 */
export type ApprovalRehearsal = (decided: Approval) => Promise<void>;

export function createApprovalRehearsal(
  deps: Looks & {
    build: CommandBuilder;
    authorizer: Authorizer;
    clock: Clock;
  },
): ApprovalRehearsal {
  const { ask } = createChangeGuard(deps.authorizer);
  return async (decided) => {
    const command = await deps.build(commandOf(decided));
    const attached = await attachedTo(decided.secret.arn, deps);
    try {
      await planChange(attached, { ...command, ...secondOf(decided) }, { ask, now: deps.clock() });
    } catch (error) {
      throw error instanceof ApprovalRequired ? wantsAnother(error, decided) : error;
    }
  };
}
