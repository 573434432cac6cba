import type { PolicyDocument } from '../../../policy/document.ts';
import type { NamedPolicy } from '../identity/own-policies.ts';

export type ControlKind = 'serviceControl' | 'resourceControl';

/** What AWS Organizations tells of our organization. All @throw DomainError aws-… */
export type OrganizationLooks = {
  describe(): Promise<{ id: string; managementAccount: string }>;
  /** Of an account or a unit: the unit or root that it is in; null for what is not of the organization. */
  parentOf(child: string): Promise<string | null>;
  /** Of a root, a unit or an account: all of that kind that are attached to it itself. */
  attached(target: string, kind: ControlKind): Promise<{ id: string; name: string }[]>;
  document(policyId: string): Promise<PolicyDocument>;
};

/** What is attached to one root, unit or account. */
export type Level = { target: string; policies: readonly NamedPolicy[] };

/** Which control policies bind an account, as far as that is seen. */
export type Controls =
  /** `path`: as aws:PrincipalOrgPaths has it. `unbound`: it manages the organization. By level, from the root to the account. */
  | {
      is: 'seen';
      organization: string;
      path: string;
      unbound: boolean;
      levels: Record<ControlKind, readonly Level[]>;
      asOf: Date;
    }
  | { is: 'outside'; organization: string; asOf: Date }
  | { is: 'unseen'; why: string };

export const KINDS: Record<ControlKind, string> = {
  serviceControl: 'service control policy',
  resourceControl: 'resource control policy',
};
