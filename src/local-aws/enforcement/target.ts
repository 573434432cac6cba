import type { PolicyDocument } from '../../policy/document.ts';

export type Context = Record<string, string | readonly string[]>;

/** What is acted upon. `policy` shows principals by ARN (stored-policy.ts). */
export type Target = {
  arn: string;
  account: string;
  policy: PolicyDocument | null;
  /**
   * Keys and roles: the owner's identity policies count only as far as the resource's own policy lets the account in.
   * Source: KMS Developer Guide, "Key policies"; IAM User Guide, "Policy evaluation logic".
   */
  policyRequired?: boolean;
  /** Keys that AWS manages: no resource control policy is about them. */
  managedByAws?: boolean;
  /** What AWS's message calls it, where that is not the ARN. */
  shownAs?: string;
};
