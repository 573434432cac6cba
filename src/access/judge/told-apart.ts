import { accountIn } from '../../policy/arn.ts';
import { asArray, type PolicyDocument, principalsNamedIn, statementsOf } from '../../policy/document.ts';
import { perDocument, perList } from '../../policy/per-document.ts';
import { mayBeOf } from '../../policy/principals/permission-set.ts';
import { isSession, parsePrincipal, roleOf } from '../../policy/principals/principal.ts';
import { conditionArnsOf, principalsOf, valuesOf } from '../../policy/principals/role-path.ts';
import { type Reader, readerOf } from './reader.ts';

/** The accounts that are of interest, by their ids; null: all, and whoever is of none. */
export type Focus = ReadonlySet<string> | null;
const ALL = null;

/** Of whom somebody may have to be told apart. */
export const focusOf = ({ caller: { account } }: Reader): Focus => (account === '' ? ALL : new Set([account]));

/**
 * Whom policies tell apart: everybody else of an account, an organization or the world is the same to them. Each by its
 * name (readerOf), once.
 */
export type Apart = {
  principals: string[];
  accounts: string[];
  organizations: string[];
  services: string[];
  /** The principals by their account, and the sessions by their role. */
  ofAccount: ReadonlyMap<string | undefined, string[]>;
  sessionsOf: ReadonlyMap<string | undefined, string[]>;
};

export function toldApart(policies: readonly (PolicyDocument | null)[], partition: string, of: Focus = ALL): Apart {
  const names = policies.flatMap((policy) => (policy === null ? [] : namesOf(policy)));
  const all = of === ALL ? names : names.filter((name) => of.has(accountIdIn(name) ?? name));
  const named = all.flatMap((name) => parsePrincipal(name, partition) ?? []);
  const accounts = [...named.map(({ account }) => account), ...all.flatMap((name) => accountIdIn(name) ?? [])];
  const principals = unique(named.flatMap(({ type, arn }) => (type === 'account' ? [] : [arn])));
  return {
    principals,
    ofAccount: Map.groupBy(principals, accountIn),
    sessionsOf: Map.groupBy(principals.filter(isSession), roleOf),
    accounts: unique(accounts.map((account) => `arn:${partition}:iam::${account}:root`)),
    organizations: unique(all.filter((name) => /^o-[a-z0-9]{10,32}$/.test(name))),
    services: unique(all.filter((name) => /\.amazonaws\.com(\.cn)?$/.test(name))),
  };
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];

/** The account of an ARN, of a pattern too: `arn:aws:iam::111122223333:role/*`. */
const accountIdIn = (name: string): string | undefined => {
  const account = accountIn(name);
  return account !== undefined && /^\d{12}$/.test(account) ? account : undefined;
};

const namesOf = perDocument((policy) =>
  unique([
    ...principalsOf(policy),
    ...statementsOf(policy)
      .flatMap(principalsNamedIn)
      .flatMap(({ Service }) => asArray(Service)),
    ...conditionArnsOf(policy),
    ...valuesOf(policy, 'aws:principalaccount'),
    ...valuesOf(policy, 'aws:principalservicename'),
    ...valuesOf(policy, 'aws:principalorgid'),
    ...valuesOf(policy, 'aws:principalorgpaths').map((path) => path.split('/')[0] ?? ''),
  ]),
);

/** Those whom policies tell apart from the rest of a set: of an account, an organization or everybody; of a role. */
export function membersOf(reader: Reader, apart: Apart, partition: string): Reader[] {
  const { kind, caller } = reader;
  const { principals, accounts, organizations } = apart;
  const within = (names: readonly string[]): Reader[] =>
    names.map((name) => {
      const member = readerOf(name, partition);
      return { ...member, context: { ...reader.context, ...member.context } };
    });
  if (kind === 'account') return within(apart.ofAccount.get(caller.account) ?? []);
  if (kind === 'role') return within(apart.sessionsOf.get(roleOf(caller.arn)) ?? []);
  if (kind === 'permissionSet') return within(principals.filter((name) => mayBeOf(caller.arns ?? [], name)));
  if (kind === 'organization' || kind === 'organizationalUnit') return within([...accounts, ...principals]);
  return kind === 'everyone' ? within([...organizations, ...accounts, ...principals]) : [];
}

/** A member without what follows from its being of a set: whether an account is of an organization nobody tells. */
export function byItself(member: Reader, of: Reader): Reader {
  if (of.kind !== 'organization' && of.kind !== 'organizationalUnit') return member;
  const context = Object.entries(member.context).filter(([key]) => !OF_ORGANIZATION.includes(key));
  return { ...member, context: Object.fromEntries(context) };
}

const OF_ORGANIZATION = ['aws:PrincipalOrgID', 'aws:PrincipalOrgPaths'];

/** What is left of a set without some members. */
export function without(reader: Reader, members: readonly Reader[]): Reader {
  if (members.length === 0) return reader;
  const organizations = members.filter(({ kind }) => kind === 'organization').map(({ name }) => name);
  return {
    ...reader,
    caller: { ...reader.caller, except: namesOfAll(members) },
    ...(organizations.length > 0 && {
      context: {
        ...reader.context,
        'aws:PrincipalOrgID': { globs: ['o-*'], except: organizations, maybeAbsent: true },
      },
    }),
  };
}

const namesOfAll = perList((members: readonly Reader[]) => members.map(({ name }) => name));

/**
 * All callers, each in one set of those that nothing tells apart: each principal that is named, the rest of each account,
 * of each organization and of the world, and each AWS service.
 */
export function classesOf(apart: Apart, partition: string, of: Focus = ALL): Reader[] {
  const { principals, accounts, organizations, services } = apart;
  const named = [...principals, ...accounts, ...organizations, ...(of === ALL ? ['*'] : [])].map((name) =>
    readerOf(name, partition),
  );
  return [
    ...named.map((reader) => without(reader, membersOf(reader, apart, partition))),
    ...services.map((name) => readerOf(name, partition)),
  ];
}
