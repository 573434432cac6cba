import { accountIn } from '../arn.ts';
import { accountNamed, isSession, isUniqueId, roleOf } from '../principals/principal.ts';
import { type Budget, spend } from './budget.ts';

/** Principals as a policy names them, arranged so that one of hundreds is found at once. */
export type Names = {
  all: ReadonlySet<string>;
  /** The accounts that are named by themselves. */
  accounts: ReadonlySet<string>;
  /** Roles without their paths, as principal.ts says. */
  roles: ReadonlySet<string>;
  /** Sessions, by their role. */
  sessions: ReadonlyMap<string | undefined, readonly string[]>;
  /** Users, roles, sessions and federated users, by account. */
  byAccount: ReadonlyMap<string, readonly string[]>;
};

const known = new WeakMap<readonly string[], Names>();

/** To take a name apart, or to look for it among others by all that it may be one of, takes as long as to compare so many characters. */
export const STEPS_OF_NAME = 60;

/** @param names a list that never changes: what follows from it is worked out once. @param budget what that takes is taken from it */
export function namesOf(names: readonly string[], budget?: Budget): Names {
  let found = known.get(names);
  if (found === undefined) {
    if (budget !== undefined) spend(budget, names.length * STEPS_OF_NAME);
    found = arrange(names);
    known.set(names, found);
  }
  return found;
}

function arrange(names: readonly string[]): Names {
  const accounts = new Set<string>();
  const roles = new Set<string>();
  const byAccount = new Map<string, string[]>();
  for (const name of names) {
    const account = accountNamed(name);
    if (account !== undefined) {
      accounts.add(account);
      continue;
    }
    const role = isSession(name) ? undefined : roleOf(name);
    if (role !== undefined) roles.add(role);
    const owner = isUniqueId(name) ? undefined : accountIn(name);
    if (owner === undefined) continue;
    const others = byAccount.get(owner);
    if (others === undefined) byAccount.set(owner, [name]);
    else others.push(name);
  }
  return { all: new Set(names), accounts, roles, sessions: Map.groupBy(names.filter(isSession), roleOf), byAccount };
}

/** Whether a principal is one of them: by itself, as a session of a role that is named, or as one of an account that is. */
export function includes({ all, accounts, roles }: Names, name: string): boolean {
  if (all.has(name) || accounts.has(accountNamed(name) ?? accountIn(name) ?? '')) return true;
  const role = roles.size === 0 ? undefined : roleOf(name);
  return role !== undefined && roles.has(role);
}
