import type { PrincipalRecord, PrincipalType } from '../records.ts';
import type { Store } from '../store.ts';
import { identityOf, keyOf } from './identity.ts';

/** Who exists: users, roles and groups, by every name that they have. */
export class Principals {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The user or role with exactly this ARN, path included. */
  find(arn: string): PrincipalRecord | undefined {
    const identity = identityOf(arn);
    const principal = identity && this.#store.get('principal', keyOf(identity));
    return principal?.arn === arn ? principal : undefined;
  }

  /** IAM's role names are unique in an account, whatever their path: a session's ARN leaves the path out. */
  findRole(partition: string, account: string, name: string): PrincipalRecord | undefined {
    return this.findByName(partition, account, 'role', name);
  }

  findByName(partition: string, account: string, type: PrincipalType, name: string): PrincipalRecord | undefined {
    return this.#store.get('principal', keyOf({ partition, account, type, name }));
  }

  findByUniqueId(uniqueId: string): PrincipalRecord | undefined {
    const key = this.#store.get('uniqueId', uniqueId);
    return key === undefined ? undefined : this.#store.get('principal', key);
  }

  /** Undefined when nobody has made the function, or when its role is gone. */
  roleOfFunction(arn: string): PrincipalRecord | undefined {
    const made = this.#store.get('function', arn);
    return made === undefined ? undefined : this.findByUniqueId(made.roleId);
  }

  list(partition: string, account: string, type: PrincipalType): readonly PrincipalRecord[] {
    return this.#store.list('principal', keyOf({ partition, account, type, name: '' }));
  }

  /** @throws Error when there is no such principal */
  protected get(arn: string): PrincipalRecord {
    const principal = this.find(arn);
    if (principal === undefined) throw new Error(`There is no principal ${arn}.`);
    return principal;
  }

  protected change(arn: string, change: (principal: PrincipalRecord) => Partial<PrincipalRecord>): void {
    const principal = this.get(arn);
    this.#store.put('principal', keyOf(principal), { ...principal, ...change(principal) });
  }
}
