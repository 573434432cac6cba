import type { PolicyDocument } from '../policy/document.ts';

/** What the store holds, by kind. Times are milliseconds since the epoch. */
export type Records = {
  /** Key: the account's id. An account without a record exists too, and belongs to no organisation. */
  account: AccountRecord;
  /** Key: the organization's id. */
  organization: OrganizationRecord;
  /** Key: the id of a root, an organizational unit or an account. */
  controlPolicies: ControlPoliciesRecord;
  /** Key: PARTITION/ACCOUNT/user|role|group/NAME. */
  principal: PrincipalRecord;
  /** Key: the ARN. Those that AWS manages are none (managed-policies.ts). */
  managedPolicy: ManagedPolicyRecord;
  /** Key: a unique id, AIDA…, AROA… or AGPA…; the value is the key of the principal. */
  uniqueId: string;
  /** Key: the function's ARN. */
  function: FunctionRecord;
  /** Key: the access key id. */
  accessKey: AccessKeyRecord;
  /** Key: ACCOUNT/REGION/NAME, the Region being the primary's. */
  secret: SecretRecord;
  /** Key: ACCOUNT/REGION/NAME, the Region being the replica's; the value is the key of the secret. */
  replica: string;
  /** Key: ACCOUNT/REGION/KEY-ID. */
  key: KeyRecord;
  /** Key: ACCOUNT/REGION/alias/…; */
  alias: AliasRecord;
  /** Key: KEY-ID/GRANT-ID. */
  grant: GrantRecord;
  /** Key: ACCOUNT/REGION/NAME. */
  queue: QueueRecord;
};

export type AccountRecord = {
  id: string;
  organization: string | null;
  name?: string;
  joinedAt?: number;
  /** Where it stands there, as aws:PrincipalOrgPaths has it: `o-…/r-…/ou-…/`. */
  path?: string;
  /** Absent: those that every account has enabled. */
  regions?: string[];
};

type OrganizationRecord = { id: string; managementAccount: string };

/** What is attached to one root, unit or account, by kind: all of it. */
export type ControlPoliciesRecord = {
  target: string;
  serviceControl: PolicyDocument[];
  resourceControl: PolicyDocument[];
};

export type ManagedPolicyRecord = {
  arn: string;
  name: string;
  /** AWS’s ids are `v1`, `v2`, … */
  versions: { id: string; document: PolicyDocument; createdAt: number }[];
  defaultVersion: string;
};

export type PrincipalType = 'user' | 'role' | 'group';

/** A group is no principal of a policy; it has policies as users and roles have. */
export type PrincipalRecord = {
  arn: string;
  type: PrincipalType;
  partition: string;
  account: string;
  name: string;
  /** AIDA… or AROA…: never used twice, so that a principal made again under the same name is another one. */
  uniqueId: string;
  policies: PolicyDocument[];
  /** Of those policies, in their order; who was given policies without names has none. */
  policyNames?: string[];
  /** ARNs of managed policies. */
  attached?: string[];
  /** Users only: the names of their groups. */
  groups?: string[];
  createdAt?: number;
  /** Roles only; principals in stored form (stored-policy.ts). */
  trustPolicy: PolicyDocument | null;
  tags: Record<string, string>;
  /** The ARN of the managed policy that is its permissions boundary. */
  boundary?: string;
  /** Roles only; absent: one hour. */
  maxSessionSeconds?: number;
};

/** `roleId` is the unique id of the role that the function acts as. */
type FunctionRecord = { arn: string; roleId: string };

type AccessKeyRecord = {
  id: string;
  /** Of the user or role; its deletion makes the key unknown. */
  uniqueId: string;
  /** Roles only: the session that the key acts in. */
  sessionName: string | null;
  /** Temporary credentials only: the token that every call must show, and when it ends. */
  temporary: { token: string; expiresAt: number } | null;
  session?: SessionRecord;
};

/** What a session has beside its role. */
export type SessionRecord = {
  issuedAt: number;
  /** The session policies. */
  policies?: PolicyDocument[];
  tags?: Record<string, string>;
  /** Names of those of its tags that further sessions inherit. */
  transitive?: string[];
  /** Condition keys that its start has set for every call: of MFA, of a provider of identities, its source identity. */
  keys?: Record<string, string | string[]>;
};

export type SecretVersion = {
  id: string;
  string?: string;
  /** Base64 */
  binary?: string;
  stages: string[];
  createdAt: number;
  accessedAt?: number;
  /** The ARNs of the keys that it is encrypted under in the primary Region; absent: the secret's key. */
  keys?: string[];
};

export type ReplicaStatus = { region: string; kmsKeyId?: string; status: 'InSync' | 'Failed'; message?: string };

export type SecretRecord = {
  account: string;
  partition: string;
  primaryRegion: string;
  name: string;
  /** The six characters at the end of the ARN, the same in every Region. */
  suffix: string;
  description?: string;
  /** As the caller gave it (id, ARN or alias); absent for the AWS managed key. */
  kmsKeyId?: string;
  owningService?: string;
  /** Set where that service lets nobody else change the secret. */
  closedByService?: true;
  /** Absent until there is one, and empty once all are gone: AWS shows `[]` then. */
  tags?: { Key: string; Value: string }[];
  createdAt: number;
  changedAt: number;
  accessedAt?: number;
  deletedAt?: number;
  versions: SecretVersion[];
  /** Principals in stored form (stored-policy.ts). */
  policy: PolicyDocument | null;
  /** What others still see instead, until then. */
  policyBefore?: { policy: PolicyDocument | null; until: number };
  replicas: ReplicaStatus[];
  /** Set by RotateSecret, kept by CancelRotateSecret. */
  rotation?: RotationRecord;
};

type RotationRecord = {
  enabled: boolean;
  lambdaArn?: string;
  rules?: { AutomaticallyAfterDays?: number; Duration?: string; ScheduleExpression?: string };
  /** Since when the schedule runs. */
  startedAt: number;
  lastRotatedAt?: number;
  /** Why the last rotation stopped. */
  fault?: string;
};

export type KeyRecord = {
  id: string;
  arn: string;
  partition: string;
  account: string;
  region: string;
  manager: 'AWS' | 'CUSTOMER';
  description: string;
  createdAt: number;
  tags?: Record<string, string>;
  /** Principals in stored form (stored-policy.ts). */
  policy: PolicyDocument;
  /** Absent: SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT. */
  spec?: string;
  usage?: string;
  /** Absent: enabled. */
  state?: 'Disabled' | 'PendingDeletion';
  /** When a key that is pending deletion goes. */
  deletionAt?: number;
};

export type AliasRecord = { name: string; arn: string; keyId: string; createdAt: number };

/** At least one member. The keys of an encryption context match without regard to case, its values to the letter. */
export type GrantConstraints = {
  EncryptionContextSubset?: Record<string, string>;
  EncryptionContextEquals?: Record<string, string>;
  SourceArn?: string;
};

export type GrantRecord = {
  id: string;
  token: string;
  keyArn: string;
  name?: string;
  /** In stored form (stored-policy.ts), or the name of a service principal. */
  grantee: string;
  /** The same, where the grant names one. */
  retiring?: string;
  operations: string[];
  constraints?: GrantConstraints;
  issuingAccount: string;
  createdAt: number;
  /** When it starts and stops to allow, where that is not at once. */
  allowsFrom?: number;
  allowsUntil?: number;
};

export type QueueRecord = {
  partition: string;
  account: string;
  region: string;
  name: string;
  /** Attributes with a number, as far as they were set. */
  numbers: Record<string, number>;
  /** Principals in stored form (stored-policy.ts). */
  policy: PolicyDocument | null;
  redrive: { deadLetterTargetArn: string; maxReceiveCount: number } | null;
  createdAt: number;
  changedAt: number;
  purgedAt?: number;
};
