import { asArray, type PrincipalElement, type Statement } from '../document.ts';
import { mayBeOf } from '../principals/permission-set.ts';
import { roleOf } from '../principals/principal.ts';
import { type Budget, spend } from './budget.ts';
import { type Caller, hasAccount } from './evaluation.ts';
import { includes, type Names, namesOf, STEPS_OF_NAME } from './names.ts';
import { rememberingLast } from './remembering-last.ts';
import { BOUNDARY, type RequestContext } from './request-context.ts';
import { any, not, type Truth, truth } from './truth.ts';

/**
 * How a statement of a resource policy names the caller: `direct`, by itself (its user, role or session, its service,
 * or everybody), or `delegated`, by its account only, which leaves it to the account to allow it too.
 * Source: IAM User Guide, "AWS JSON policy elements: Principal".
 */
export type Naming = {
  direct: Truth;
  delegated: Truth;
  /** What it hangs on where it is unknown, as verdicts have it. */
  hangsOn?: string;
};

/** A statement without a principal names nobody. Unknown too once the budget is spent. */
export function namingOf(statement: Statement, caller: Caller, context: RequestContext, budget: Budget): Naming {
  const { Effect, Principal, NotPrincipal } = statement;
  if (Principal !== undefined) {
    return {
      direct: namesDirectly(Principal, caller, context, budget),
      delegated: namesAccount(Principal, caller, budget),
    };
  }
  if (NotPrincipal === undefined) return { direct: 'no', delegated: 'no' };
  const excepted = isExcepted(NotPrincipal, caller, { context, budget, effect: Effect });
  return {
    direct: not(excepted === BOUNDARY ? 'unknown' : excepted),
    delegated: 'no',
    hangsOn: excepted === BOUNDARY ? BOUNDARY : 'NotPrincipal',
  };
}

/** `"*"` and `{"AWS": "*"}` are the same: everybody, anonymous callers and services too (same page, "All principals"). */
const namesEverybody = (element: PrincipalElement): boolean => element === '*' || awsNames(element).all.has('*');

function namesDirectly(element: PrincipalElement, caller: Caller, context: RequestContext, budget: Budget): Truth {
  if (element === '*' || namesEverybody(element)) return 'yes';
  return any([
    namesCaller(awsNames(element), caller, budget),
    truth(caller.type === 'service' && asArray(element.Service).some((service) => service === caller.service)),
    isProvidedBy(asArray(element.Federated), caller, context),
    // Canonical user ids are of Amazon S3; which account has which, no caller tells.
    ...asArray(element.CanonicalUser).map((): Truth => (hasAccount(caller) ? 'unknown' : 'no')),
  ]);
}

const awsNames = (element: PrincipalElement): Names =>
  element === '*' || element.AWS === undefined
    ? NO_NAMES
    : typeof element.AWS === 'string'
      ? namesOfOne(element, element.AWS)
      : namesOf(element.AWS);

const NOBODY: readonly string[] = [];
const NO_NAMES = namesOf(NOBODY);
/** A caller is looked for in one statement after the other. */
const roleOfLast = rememberingLast(roleOf);
const single = new WeakMap<object, readonly string[]>();

function namesOfOne(element: object, name: string): Names {
  const list = single.get(element) ?? [name];
  single.set(element, list);
  return namesOf(list);
}

function namesAccount(element: PrincipalElement, caller: Caller, budget: Budget): Truth {
  const { account, except = NOBODY } = caller;
  if (!hasAccount(caller)) return 'no';
  const { accounts } = awsNames(element);
  if (account !== '') return truth(accounts.has(account));
  const others = namesOf(except, budget).accounts;
  if (!spend(budget, accounts.size)) return 'unknown';
  return [...accounts].every((name) => others.has(name)) ? 'no' : 'unknown';
}

/**
 * A role's ARN stands for its sessions. A unique id (`AROA…`, `AIDA…`) of a caller whose id we don't know is not the
 * caller's: AWS shows the id only once the principal of that ARN is gone.
 */
function namesCaller(names: Names, caller: Caller, budget: Budget): Truth {
  const { type, account, arns, sessionArn, except = NOBODY } = caller;
  if (!hasAccount(caller)) return 'no';
  if (namesIdentity(names, caller) || (sessionArn !== undefined && names.all.has(sessionArn))) return 'yes';
  const others = namesOf(except, budget);
  const mayBe = (name: string): boolean =>
    !spend(budget, STEPS_OF_NAME) || (!includes(others, name) && (arns === undefined || mayBeOf(arns, name)));
  if (type === 'someone') {
    const candidates = account === '' ? [...names.byAccount.values()].flat() : (names.byAccount.get(account) ?? []);
    return candidates.some(mayBe) ? 'unknown' : 'no';
  }
  const ofAccount = names.byAccount.get(account) ?? [];
  // The account names its root user directly.
  if (type === 'account') return truth(names.accounts.has(account));
  // A session that is not known may be the one that is named.
  if (type === 'assumedRole' && sessionArn === undefined) {
    return names.sessions.get(roleOfLast(caller.arn))?.some(mayBe) === true ? 'unknown' : 'no';
  }
  // The user who federated stands for the session too, but its ARN does not tell who that was.
  if (type === 'federatedUser')
    return ofAccount.some((name) => name.includes(':user/') && mayBe(name)) ? 'unknown' : 'no';
  return 'no';
}

/** Whether the user or role itself is named, as opposed to one of its sessions. */
function namesIdentity({ all, roles }: Names, { arn, uniqueId, type }: Caller): boolean {
  if (all.has(arn) || (uniqueId !== undefined && all.has(uniqueId))) return true;
  const role = type === 'assumedRole' ? roleOfLast(arn) : undefined;
  return role !== undefined && roles.has(role);
}

/** Sessions of a web identity or SAML provider carry its name (same page, "Web identity session principals"). */
function isProvidedBy(providers: readonly string[], caller: Caller, context: RequestContext): Truth {
  if (providers.length === 0 || (caller.type !== 'assumedRole' && caller.type !== 'someone')) return 'no';
  const state = context('aws:FederatedProvider');
  if (state.is !== 'present') return state.is === 'absent' ? 'no' : 'unknown';
  return truth(providers.some((provider) => state.values.includes(provider)));
}

/**
 * Whether NotPrincipal excepts the caller. It must name it on every level, as user and account, or as session, role and
 * account: where it names some, AWS "might" deny by the others, and naming the account alone excepts no user or role. Whoever
 * has a permissions boundary is never excepted from a Deny, and nothing says so of an Allow; where all hangs on that, it is
 * what is returned.
 * Source: IAM User Guide, "AWS JSON policy elements: NotPrincipal"; "Permissions boundaries for IAM entities".
 */
function isExcepted(
  element: PrincipalElement,
  caller: Caller,
  { context, budget, effect }: { context: RequestContext; budget: Budget; effect: Statement['Effect'] },
): Truth | typeof BOUNDARY {
  const named = namesDirectly(element, caller, context, budget);
  // The account's ARN excepts its root user, who may be the one that is not known.
  if (caller.type === 'someone' && named === 'no' && namesAccount(element, caller, budget) !== 'no') return 'unknown';
  if (named !== 'yes' || element === '*' || namesEverybody(element)) return named;
  if (caller.type === 'service' || caller.type === 'account') return 'yes';
  const boundary = context(BOUNDARY).is;
  if (boundary === 'present') return effect === 'Deny' ? 'no' : 'unknown';
  const names = awsNames(element);
  const byItself =
    caller.type !== 'assumedRole' || (caller.sessionArn !== undefined && names.all.has(caller.sessionArn));
  const onEveryLevel = byItself && namesIdentity(names, caller) && namesAccount(element, caller, budget) === 'yes';
  if (!onEveryLevel) return 'unknown';
  return boundary === 'absent' ? 'yes' : BOUNDARY;
}
