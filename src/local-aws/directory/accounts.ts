import type { Clock } from '../../clock.ts';
import type { Store } from '../store.ts';

/** Source: Account Management Reference Guide, "Enable or disable AWS Regions in your account". */
export const ENABLED_BY_DEFAULT: readonly string[] = [
  ...['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2'],
  ...['ca-central-1', 'eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'sa-east-1'],
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2'],
];

/** Where accounts belong, and which Regions they have enabled. Every well-formed account id exists. */
export class Accounts {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Says which organization the account belongs to (null: none).
   * @param units the ids of its root and organizational units, from the top: `['r-ab12', 'ou-ab12-11111111']`
   * @param name what it is called there; its id unless given
   */
  setOrganization(account: string, organization: string | null, units: readonly string[] = [], name = account): void {
    const path = organization === null || units.length === 0 ? {} : { path: `${[organization, ...units].join('/')}/` };
    const before = this.#store.get('account', account);
    const joinedBefore = before?.organization === organization ? before.joinedAt : undefined;
    const joinedAt = joinedBefore ?? this.#clock().getTime();
    const regions = before?.regions && { regions: before.regions };
    this.#store.put('account', account, { id: account, organization, name, joinedAt, ...path, ...regions });
  }

  organizationOf(account: string): string | null {
    return this.#store.get('account', account)?.organization ?? null;
  }

  /** As aws:PrincipalOrgPaths and aws:ResourceOrgPaths have it; null where the account is in no organization. */
  organizationPathOf(account: string): string | null {
    return this.#store.get('account', account)?.path ?? null;
  }

  /** The Regions that an account has enabled; those that all have by default, unless given. */
  setRegions(account: string, regions: readonly string[]): void {
    const before = this.#store.get('account', account) ?? { id: account, organization: null };
    this.#store.put('account', account, { ...before, regions: [...regions] });
  }

  regionsOf(account: string): readonly string[] {
    return this.#store.get('account', account)?.regions ?? ENABLED_BY_DEFAULT;
  }
}
