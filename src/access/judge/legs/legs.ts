import type { Clock } from '../../../clock.ts';
import { newBudget } from '../../../policy/evaluate/budget.ts';
import type { IdentityPolicies } from '../../../policy/evaluate/evaluation.ts';
import type { Secret } from '../../secret.ts';
import type { SecretVerdict } from '../judge-secret.ts';
import { keyLeg } from '../key/key-leg.ts';
import type { KeyLooks } from '../key/keys.ts';
import { viewKeys } from '../key/view-key.ts';
import { identityLeg } from './identity-leg.ts';
import type { Leg } from './leg.ts';
import { secretLeg } from './secret-leg.ts';

/**
 * Reading across accounts stands on three legs: the secret's policy, the key, and an identity policy in the reader's own
 * account (Secrets Manager User Guide, "Access from a different account"). We see the first, the second where the key
 * is in the secret's account, and can only print the third.
 */
export type LegExaminer = {
  /** Looks at the key once, for as many readers as there are. Never rejects: what can't be seen is `unknown`, and says why. */
  lookAt(
    secret: Secret,
    actions: readonly string[],
  ): Promise<(verdict: SecretVerdict, identityPolicies: IdentityPolicies) => Leg[]>;
};

export function createLegExaminer(keys: KeyLooks, clock: Clock): LegExaminer {
  return {
    async lookAt(secret, actions) {
      const views = await viewKeys(keys, secret, actions, clock());
      const budget = newBudget();
      return (verdict, identityPolicies) => {
        const legs = views.map((view) => keyLeg(view, verdict.left, budget));
        const ofKeys = legs.map(({ leg }) => leg);
        return [
          secretLeg(secret, actions, verdict),
          ...ofKeys,
          identityLeg(actions, verdict, legs, { identityPolicies, budget }),
        ];
      };
    },
  };
}
