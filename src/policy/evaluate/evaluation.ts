import type { PolicyDocument, Statement } from '../document.ts';
import type { Budget } from './budget.ts';
import type { TextSet, Value } from './text-set.ts';

/**
 * Who asks AWS: one caller, or a set of them. `arn` is what `aws:PrincipalArn` holds: for a role session the role's ARN,
 * not the session's. `someone` is any principal of `account`; its `arn` is empty, and so is `account` where not even
 * that is known: then it is taken to be another account than the resource's. A role without `sessionArn` is any session
 * of it. What is answered about a set holds for everybody in it.
 */
export type Caller = {
  type: 'account' | 'user' | 'assumedRole' | 'federatedUser' | 'someone' | 'service' | 'anonymous';
  arn: string;
  account: string;
  /** `arn:aws:sts::…:assumed-role/ROLE/SESSION` or `…:federated-user/NAME`, where the caller is a session. */
  sessionArn?: string;
  /**
   * The role's path is not known: only its session was named, whose ARN leaves it out. `arn` is then the role's without
   * a path, and stands for `role/NAME` and every `role/…/NAME`.
   */
  anyPath?: boolean;
  /**
   * Who is not of the set, by the names of policies: accounts (root ARNs), users, roles (with all of their sessions),
   * sessions. For `someone`; for a role without `sessionArn` sessions only, for a federated user those who may have federated.
   */
  except?: readonly string[];
  /** Of `someone`: patterns of which its ARN meets one, where so much is known. It is a role's then. */
  arns?: readonly string[];
  /** Whether it has a permissions boundary, where that is known. */
  isBounded?: boolean;
  /** The unique id (`AROA…`, `AIDA…`) that a policy may show for this caller's role or user. */
  uniqueId?: string;
  /** `lambda.amazonaws.com`, where the caller is an AWS service. */
  service?: string;
};

/** Services and anonymous callers are of no account. */
export const hasAccount = ({ type }: Caller): boolean => type !== 'service' && type !== 'anonymous';

export type ContextValue = string | readonly string[] | (TextSet & { multivalued?: boolean; maybeAbsent?: boolean });

/** One call to judge. Keys of `context` are condition keys, matched without regard to case. */
export type JudgedCall = {
  caller: Caller;
  /** `secretsmanager:GetSecretValue` */
  action: string;
  /** The full ARN of the secret or key; a set where it is not known which key. */
  resource: Value;
  /** The account that owns the resource. */
  resourceAccount: string;
  /**
   * A string for a single-valued key, an array for a multivalued one (aws:TagKeys, aws:PrincipalOrgPaths), on which only
   * the set operators work; a set of texts where it is not known which of them the value is. The keys of the caller and of resourceAccount follow from those; aws:CurrentTime does not.
   */
  context: Readonly<Record<string, ContextValue>>;
  /**
   * `complete`: a key that is not in `context` is absent from the request (what AWS itself knows).
   * `partial`: such a key may be there with any value, so that a condition on it is "unknown".
   */
  contextIs: 'complete' | 'partial';
  /** Shared by all evaluations of one look; without it each has its own. */
  budget?: Budget;
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
   * `Principal` or `NotPrincipal` where it is not known whether it names the caller, `permissionsBoundary` where NotPrincipal
   * does unless it has one; TOO_MUCH_WORK.
   */
  dependsOn: string[];
};

/** What a verdict depends on that took more steps than its look may take (budget.ts). */
export const TOO_MUCH_WORK = 'tooMuchWork';

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
