import type { PolicyDocument } from '../policy/document.ts';

/** What the store holds, by kind. Times are milliseconds since the epoch. */
export type Records = {
  /** Key: the account's id. An account without a record exists too, and belongs to no organisation. */
  account: AccountRecord;
  /** Key: PARTITION/ACCOUNT/user|role/NAME. */
  principal: PrincipalRecord;
  /** Key: a unique id, AIDA… or AROA…; the value is the key of the principal. */
  uniqueId: string;
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
};

export type AccountRecord = { id: string; organization: string | null };

export type PrincipalRecord = {
  arn: string;
  type: 'user' | 'role';
  partition: string;
  account: string;
  name: string;
  /** AIDA… or AROA…: never used twice, so that a principal made again under the same name is another one. */
  uniqueId: string;
  policies: PolicyDocument[];
  /** Roles only; principals in stored form (stored-policy.ts). */
  trustPolicy: PolicyDocument | null;
  tags: Record<string, string>;
};

export type AccessKeyRecord = {
  id: string;
  /** Of the user or role; its deletion makes the key unknown. */
  uniqueId: string;
  /** Roles only: the session that the key acts in. */
  sessionName: string | null;
  /** Temporary credentials only: the token that every call must show, and when it ends. */
  temporary: { token: string; expiresAt: number } | null;
};

export type SecretVersion = {
  id: string;
  string?: string;
  /** Base64 */
  binary?: string;
  stages: string[];
  createdAt: number;
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
  tags: { Key: string; Value: string }[];
  createdAt: number;
  changedAt: number;
  accessedAt?: number;
  deletedAt?: number;
  versions: SecretVersion[];
  /** Principals in stored form (stored-policy.ts). */
  policy: PolicyDocument | null;
  replicas: ReplicaStatus[];
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
  /** Principals in stored form (stored-policy.ts). */
  policy: PolicyDocument;
};

export type AliasRecord = { name: string; arn: string; keyId: string; createdAt: number };

export type GrantRecord = {
  id: string;
  token: string;
  keyArn: string;
  name?: string;
  /** In stored form (stored-policy.ts). */
  grantee: string;
  operations: string[];
  constraints?: Record<string, Record<string, string>>;
  issuingAccount: string;
  createdAt: number;
};
