import { parseArn } from '../arn.ts';
import { asArray, type PrincipalElement, type Statement } from '../document.ts';
import { isSession, isUniqueId, sameRole } from '../principal.ts';
import { type Caller, hasAccount } from './evaluation.ts';
import type { RequestContext } from './request-context.ts';
import { any, not, type Truth, truth } from './truth.ts';

/**
 * How a statement of a resource policy names the caller: `direct`, by itself (its user, role or session, its service,
 * or everybody), or `delegated`, by its account only, which leaves it to the account to allow it too.
 * Source: IAM User Guide, "AWS JSON policy elements: Principal".
 */
export type Naming = { direct: Truth; delegated: Truth };

/** A statement without a principal names nobody. */
export function namingOf({ Principal, NotPrincipal }: Statement, caller: Caller, context: RequestContext): Naming {
  if (Principal !== undefined) {
    return { direct: namesDirectly(Principal, caller, context), delegated: truth(namesAccount(Principal, caller)) };
  }
  return {
    direct: NotPrincipal === undefined ? 'no' : not(isExcepted(NotPrincipal, caller, context)),
    delegated: 'no',
  };
}

/** `"*"` and `{"AWS": "*"}` are the same: everybody, anonymous callers and services too (same page, "All principals"). */
const namesEverybody = (element: PrincipalElement): boolean => element === '*' || asArray(element.AWS).includes('*');

function namesDirectly(element: PrincipalElement, caller: Caller, context: RequestContext): Truth {
  if (element === '*' || namesEverybody(element)) return 'yes';
  return any([
    ...asArray(element.AWS).map((principal) => isCaller(principal, caller)),
    truth(caller.type === 'service' && asArray(element.Service).some((service) => service === caller.service)),
    ...asArray(element.Federated).map((provider) => isProviderOf(provider, caller, context)),
    // Canonical user ids are of Amazon S3; which account has which, no caller tells.
    ...asArray(element.CanonicalUser).map((): Truth => (hasAccount(caller) ? 'unknown' : 'no')),
  ]);
}

/** The account's id, or the ARN of its root. */
const isAccount = (principal: string, account: string): boolean =>
  principal === account || (principal.endsWith(`:iam::${account}:root`) && principal.startsWith('arn:'));

const namesAccount = (element: PrincipalElement, caller: Caller): boolean =>
  element !== '*' &&
  hasAccount(caller) &&
  asArray(element.AWS).some((principal) => isAccount(principal, caller.account));

/**
 * A role's ARN stands for its sessions. A unique id (`AROA…`, `AIDA…`) of a caller whose id we don't know is not the
 * caller's: AWS shows the id only once the principal of that ARN is gone.
 */
function isCaller(principal: string, caller: Caller): Truth {
  const { type, arn, account, sessionArn } = caller;
  if (!hasAccount(caller)) return 'no';
  if (principal === sessionArn) return 'yes';
  if (!isSession(principal) && isIdentity(principal, caller)) return 'yes';
  // The account names its root user directly.
  if (type === 'account') return truth(isAccount(principal, account));
  if (type === 'someone') return mayBe(principal, account);
  // A session that is not known may be the one that is named.
  if (type === 'assumedRole' && sessionArn === undefined) return sameRole(principal, arn) ? 'unknown' : 'no';
  // The user who federated stands for the session too, but its ARN does not tell who that was.
  if (type === 'federatedUser') return principal.includes(`:iam::${account}:user/`) ? 'unknown' : 'no';
  return 'no';
}

const isIdentity = (principal: string, { arn, uniqueId }: Caller): boolean =>
  principal === arn || principal === uniqueId || sameRole(principal, arn);

/**
 * Whether the principal that is named may be an unknown one of the account. Naming the account itself names nobody
 * directly.
 */
function mayBe(principal: string, account: string): Truth {
  if (isUniqueId(principal)) return 'no';
  if (account === '') return 'unknown';
  return parseArn(principal)?.account === account && !isAccount(principal, account) ? 'unknown' : 'no';
}

/** Sessions of a web identity or SAML provider carry its name (same page, "Web identity session principals"). */
function isProviderOf(provider: string, caller: Caller, context: RequestContext): Truth {
  if (caller.type !== 'assumedRole' && caller.type !== 'someone') return 'no';
  const state = context('aws:FederatedProvider');
  return state.is === 'present' ? truth(state.values.includes(provider)) : state.is === 'absent' ? 'no' : 'unknown';
}

/**
 * Whether NotPrincipal excepts the caller. It must name it on every level, as user and account, or as session, role and
 * account: where it names some, AWS "might" deny by the others, and naming the account alone excepts no user or role.
 * Source: IAM User Guide, "AWS JSON policy elements: NotPrincipal".
 */
function isExcepted(element: PrincipalElement, caller: Caller, context: RequestContext): Truth {
  const named = namesDirectly(element, caller, context);
  // The account's ARN excepts its root user, who may be the one that is not known.
  if (caller.type === 'someone' && named === 'no' && namesAccount(element, caller)) return 'unknown';
  if (named !== 'yes' || element === '*' || namesEverybody(element)) return named;
  if (caller.type === 'service' || caller.type === 'account') return 'yes';
  const names = (principal: string | undefined): boolean => asArray(element.AWS).some((name) => name === principal);
  const byItself = caller.type !== 'assumedRole' || names(caller.sessionArn);
  const byIdentity = asArray(element.AWS).some((name) => !isSession(name) && isIdentity(name, caller));
  return byItself && byIdentity && namesAccount(element, caller) ? 'yes' : 'unknown';
}
