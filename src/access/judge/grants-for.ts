import { parseArn } from '../../policy/arn.ts';
import type { Statement } from '../../policy/document.ts';
import type { Caller } from '../../policy/evaluate/evaluation.ts';
import { roleOf } from '../../policy/principal.ts';
import { grantStatements } from './grant-statement.ts';
import type { KeyGrant } from './keys.ts';

/** What a grant allows, as a statement; `createdAt` is null where AWS does not say. */
export type Granted = { statement: Statement; createdAt: Date | null };

/** The grants that may be for a caller. A key has up to 50,000, so that nobody should look at those of all others. */
export type GrantsFor = (caller: Caller) => readonly Granted[];

/** @param secretArn in the key's Region */
export function grantsFor(grants: readonly KeyGrant[], secretArn: string): GrantsFor {
  const all: Granted[] = [];
  const ofAccount = new Map<string, Granted[]>();
  const ofName = new Map<string, Granted[]>();
  for (const grant of grants) {
    for (const statement of grantStatements(grant, secretArn)) {
      const granted = { statement, createdAt: grant.createdAt };
      all.push(granted);
      listIn(ofAccount, parseArn(grant.grantee)?.account ?? grant.grantee).push(granted);
      listIn(ofName, nameOf(grant.grantee)).push(granted);
    }
  }
  return (caller) => {
    const { type, account, arn, service = '' } = caller;
    if (type === 'anonymous') return [];
    if (type === 'service') return ofName.get(service) ?? [];
    if (type === 'someone') return account === '' ? all : (ofAccount.get(account) ?? []);
    return [...(ofName.get(account) ?? []), ...(ofName.get(nameOf(arn)) ?? [])];
  };
}

/** A role and all of its sessions under one name, and an account whatever its partition. */
const nameOf = (grantee: string): string =>
  /^arn:[^:]+:iam::(\d{12}):root$/.exec(grantee)?.[1] ?? roleOf(grantee) ?? grantee;

function listIn<Key, Item>(lists: Map<Key, Item[]>, key: Key): Item[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const fresh: Item[] = [];
  lists.set(key, fresh);
  return fresh;
}
