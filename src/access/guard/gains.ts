import { escalatingActions } from '../../policy/actions.ts';
import { accountIn } from '../../policy/arn.ts';
import type { Effect } from '../judge/effect/effect.ts';
import type { Secret } from '../secret.ts';
import type { Gains } from './authorizer.ts';

/** An effect in the words of the guardrails. */
export function gainsOf({ gains }: Effect, { account }: Pick<Secret, 'account'>): Gains {
  const principals = gains.map(({ principal }) => principal);
  const accounts = principals.flatMap((principal) => accountIn(principal) || []);
  const actions = [...new Set(gains.flatMap((item) => item.actions))];
  return {
    principals,
    accounts: [...new Set(accounts)],
    actions,
    escalation: escalatingActions(actions).length > 0,
    public: gains.some(({ kind }) => kind === 'everyone'),
    outside: principals.some((principal) => accountIn(principal) !== account),
  };
}
