import { asArray, type PolicyDocument, type Statement, statementsOf } from '../../src/policy/document.ts';
import { rootOf } from './arbitrary-statements.ts';
import { ACCOUNTS } from './cast.ts';
import { isOne } from './claims.ts';

/**
 * The Deny statements of a policy that hang on no conditions: all of them, and those that hit whoever the cast leaves out: the
 * root user of an account, further sessions of a role, principals of further accounts.
 */
export type Denials = 'denials' | `denials of root ${string}` | 'denials of any session' | 'denials of strangers';

export function denialsOf(policy: PolicyDocument | null): Record<Denials, PolicyDocument | null> {
  const all = statementsOf(policy).filter(({ Effect, Condition }) => Effect === 'Deny' && Condition === undefined);
  const those = (hits: (statement: Statement) => boolean) => policy && { ...policy, Statement: all.filter(hits) };
  return {
    denials: those(() => true),
    ...Object.fromEntries(
      ACCOUNTS.map((account) => [
        `denials of root ${account}`,
        those(({ NotPrincipal }) => !JSON.stringify(NotPrincipal ?? '').includes(rootOf(account))),
      ]),
    ),
    'denials of any session': those(({ Principal }) => !namesOf(Principal).some((name) => name.includes(':sts:'))),
    'denials of strangers': those(
      ({ Principal, NotPrincipal }) =>
        NotPrincipal !== undefined || Principal === '*' || namesOf(Principal).includes('*'),
    ),
  };
}

const namesOf = (element: Statement['Principal']): readonly string[] =>
  element === undefined || element === '*' ? [] : asArray(element.AWS);

/** Those that all of an answer's principal are denied by, if each of its callers of the cast is by each kind. */
export function denialsThatHit(principal: string, account: string): Denials[] {
  if (isOne(principal)) return [principal.includes(':role/') ? 'denials of any session' : 'denials'];
  const isAccount = /^\d+$|:root$/.test(principal);
  return [`denials of root ${account}`, ...(isAccount ? [] : (['denials of strangers'] as const))];
}
