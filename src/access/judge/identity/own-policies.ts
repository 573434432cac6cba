import type { PolicyDocument } from '../../../policy/document.ts';

/**
 * A user or role whose own policies can be asked for. Its name is unique in its account, whatever its path. A permission set stands for
 * the role that it has in the account.
 */
export type Holder = { partition: string; account: string; type: 'user' | 'role' | 'permissionSet'; name: string };

/** `name`: as people find it there, `inline policy reads` or a managed policy's ARN. */
export type NamedPolicy = { name: string; document: PolicyDocument };

/** All policies of a user or role that its own account keeps: what a session policy takes away is not among them. */
export type OwnPolicies = {
  /** With its path. */
  arn: string;
  /** Inline, attached, and those of a user’s groups. */
  identity: readonly NamedPolicy[];
  /** The permissions boundary; null where it has none. */
  boundary: NamedPolicy | null;
  /** When they were asked for. */
  asOf: Date;
};

export type OwnPolicyLooks = {
  /**
   * `gone`: its account knows nobody of that name; `several`: roles of one permission set; `elsewhere`: its account is none that this
   * service looks into.
   * @throws DomainError aws-…
   */
  of(holder: Holder): Promise<OwnPolicies | 'gone' | 'several' | 'elsewhere'>;
};

/** What is known of a reader's own side. */
export type OwnSide =
  | { is: 'given'; policies: readonly PolicyDocument[] }
  | { is: 'seen'; policies: OwnPolicies }
  /** `why`: where its account was asked. */
  | { is: 'unseen'; why?: string };

export const UNSEEN: OwnSide = { is: 'unseen' };
