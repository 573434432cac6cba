import type { PolicyDocument, Statement } from '../document.ts';

/**
 * Who asks AWS. `arn` is what `aws:PrincipalArn` holds: for a role session the role's ARN, not the session's.
 * `someone` is a principal that we do not know, of `account`; its `arn` is empty, and so is `account` where not even
 * that is known: then it is taken to be another account than the resource's. What is answered about it holds for
 * everybody whom it may be.
 */
export type Caller = {
  type: 'account' | 'user' | 'assumedRole' | 'federatedUser' | 'someone' | 'service' | 'anonymous';
  arn: string;
  account: string;
  /** `arn:aws:sts::…:assumed-role/ROLE/SESSION` or `…:federated-user/NAME`, where the caller is a session. */
  sessionArn?: string;
  /** The unique id (`AROA…`, `AIDA…`) that a policy may show for this caller's role or user. */
  uniqueId?: string;
  /** `lambda.amazonaws.com`, where the caller is an AWS service. */
  service?: string;
};

/** Services and anonymous callers are of no account. */
export const hasAccount = ({ type }: Caller): boolean => type !== 'service' && type !== 'anonymous';

/** One call to judge. Keys of `context` are condition keys, matched without regard to case. */
export type AccessRequest = {
  caller: Caller;
  /** `secretsmanager:GetSecretValue` */
  action: string;
  /** The full ARN of the secret or key. */
  resource: string;
  /** The account that owns the resource. */
  resourceAccount: string;
  /**
   * A string for a single-valued key, an array for a multivalued one (aws:TagKeys, aws:PrincipalOrgPaths), on which only
   * the set operators work. The keys of the caller and of resourceAccount follow from those; aws:CurrentTime does not.
   */
  context: Readonly<Record<string, string | readonly string[]>>;
  /**
   * `complete`: a key that is not in `context` is absent from the request (what AWS itself knows).
   * `partial`: such a key may be there with any value, so that a condition on it is "unknown".
   */
  contextIs: 'complete' | 'partial';
};

export type Decision = 'allowed' | 'explicitlyDenied' | 'implicitlyDenied' | 'unknown';

export type StatementVerdict = {
  source: 'resourcePolicy' | 'identityPolicy';
  statement: Statement;
  effect: 'Allow' | 'Deny';
  /** `yes`: the statement applies to the call; `unknown`: it applies if the conditions named in `dependsOn` hold. */
  applies: 'yes' | 'unknown';
  /**
   * Condition keys (in the policy's spelling) whose values were not known, or whose condition can't be judged;
   * `Principal` or `NotPrincipal` where it is not known whether it names the caller.
   */
  dependsOn: string[];
};

export type Evaluation = {
  decision: Decision;
  /** The statements that decide, or could decide, in the order of the policies; none for an implicit denial. */
  because: StatementVerdict[];
  /** True when the decision rests on identity policies that were not given. */
  needsIdentityPolicy: boolean;
};

/**
 * What is known of the caller's identity policies. `unknown` never turns into a guess. Root users, AWS services and
 * anonymous callers have none: for them the value is not looked at.
 */
export type IdentityPolicies = readonly PolicyDocument[] | 'unknown';
