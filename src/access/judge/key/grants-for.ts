import { accountIn } from '../../../policy/arn.ts';
import type { Statement } from '../../../policy/document.ts';
import type { Caller } from '../../../policy/evaluate/evaluation.ts';
import { accountNamed, roleOf } from '../../../policy/principals/principal.ts';
import { grantStatements } from './grant-statement.ts';
import type { KeyGrant } from './keys.ts';

/** What a grant allows, as a statement; `createdAt` is null where AWS does not say. */
export type Granted = { statement: Statement; createdAt: Date | null };

/** The grants that may be for a caller. A key has up to 50,000, so that nobody should look at those of all others. */
export type GrantsFor = (caller: Caller) => readonly Granted[];

/** Only what somebody asks for is read. @param secretArn in the key's Region */
export function grantsFor(grants: readonly KeyGrant[], secretArn: string): GrantsFor {
  const byAccount = Map.groupBy(grants, ({ grantee }) => accountOf(grantee));
  const byName = lazily((account) => Map.groupBy(byAccount.get(account) ?? [], ({ grantee }) => nameOf(grantee)));
  const read = (some: readonly KeyGrant[]): Granted[] =>
    some.flatMap((grant) =>
      grantStatements(grant, secretArn).map((statement) => ({ statement, createdAt: grant.createdAt })),
    );
  const toAccount = lazily((account) => read(byAccount.get(account) ?? []));
  const toAll = lazily(() => read(grants));
  return ({ type, account, arn, service = '' }) => {
    if (type === 'anonymous') return [];
    if (type === 'service') return toAccount(service);
    if (type === 'someone') return account === '' ? toAll('') : toAccount(account);
    return read([account, nameOf(arn)].flatMap((name) => byName(account).get(name) ?? []));
  };
}

/** Of an ARN or an account id its account; a service is its own. */
const accountOf = (grantee: string): string => accountIn(grantee) ?? grantee;

/** A role and all of its sessions under one name, and an account under its id. */
const nameOf = (grantee: string): string => accountNamed(grantee) ?? roleOf(grantee) ?? grantee;

function lazily<Value>(make: (name: string) => Value): (name: string) => Value {
  const made = new Map<string, Value>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const value = make(name);
    made.set(name, value);
    return value;
  };
}
