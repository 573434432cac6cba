import type { PolicyDocument } from '../../policy/document.ts';
import type { ControlPoliciesRecord } from '../records.ts';
import type { Store } from '../store.ts';

type Kind = 'serviceControl' | 'resourceControl';

/** What every root, unit and account has attached from its start (FullAWSAccess). */
export const FULL_ACCESS: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

/** The control policies of organizations. Which account is where, `Accounts.setOrganization` says. */
export class Organizations {
  readonly #store: Store;
  /** Asked for with every call. */
  readonly #policies: Map<string, ControlPoliciesRecord>;

  constructor(store: Store) {
    this.#store = store;
    this.#policies = new Map(store.list('controlPolicies', '').map((record) => [record.target, record]));
  }

  /** No service control policy binds that account, and no resource control policy its resources. */
  setManagementAccount(organization: string, account: string): void {
    this.#store.put('organization', organization, { id: organization, managementAccount: account });
  }

  /**
   * Attaches service control policies to a root, a unit or an account in place of those before: all of them, so that
   * without FULL_ACCESS among them the others have to allow.
   */
  setServiceControlPolicies(target: string, policies: readonly PolicyDocument[]): void {
    this.#set(target, 'serviceControl', policies);
  }

  /** The same for resource control policies, which only deny (RCPFullAWSAccess can't be detached). */
  setResourceControlPolicies(target: string, policies: readonly PolicyDocument[]): void {
    this.#set(target, 'resourceControl', policies);
  }

  /**
   * By level, from the root to the account; none where the account is in no organization, or manages it, or where nothing is attached:
   * a kind that is enabled has one policy on each level at least (Organizations User Guide, "Disabling a policy type").
   */
  controlPoliciesOf(account: string, kind: Kind): PolicyDocument[][] {
    if (this.#policies.size === 0) return [];
    const { organization, path } = this.#store.get('account', account) ?? {};
    if (!organization || this.#store.get('organization', organization)?.managementAccount === account) return [];
    const units = (path ?? '').split('/').slice(1, -1);
    const levels = [...units, account].map((target) => this.attached(target)[kind]);
    return levels.every((policies) => policies.length === 0) ? [] : levels;
  }

  attached(target: string): ControlPoliciesRecord {
    return this.#policies.get(target) ?? { target, serviceControl: [FULL_ACCESS], resourceControl: [] };
  }

  #set(target: string, kind: Kind, policies: readonly PolicyDocument[]): void {
    const record = { ...this.attached(target), [kind]: [...policies] };
    this.#store.put('controlPolicies', target, record);
    this.#policies.set(target, record);
  }
}
