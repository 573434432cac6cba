import type { PolicyDocument } from '../../../policy/document.ts';

/** A key as DescribeKey shows it. `asOf`: when, where that is not just now; its policy and grants are not older. */
export type Key = { arn: string; account: string; manager: 'AWS' | 'CUSTOMER'; enabled: boolean; asOf?: Date };

/** A grant as ListGrants shows it. */
export type KeyGrant = {
  grantId: string;
  name: string | null;
  /** An ARN, or the name of an AWS service. */
  grantee: string;
  /** `Decrypt`, `GenerateDataKey`, … */
  operations: string[];
  constraints: GrantConstraints;
  /** Null where AWS does not say. */
  createdAt: Date | null;
};

/** What we grant. */
export type GrantedOperation = 'Decrypt' | 'GenerateDataKey' | 'DescribeKey';

/** They all must hold. Names in an encryption context match without regard to case, values to the letter. */
export type GrantConstraints = {
  /** The context has at least these pairs. */
  subset?: Readonly<Record<string, string>>;
  /** The context has these pairs and no other. */
  equals?: Readonly<Record<string, string>>;
  /** As the condition key aws:SourceArn. */
  sourceArn?: string;
};

/** KMS keys that encrypt secrets. `region` is the secret's: the key id of a secret is read there. */
export interface Keys {
  describe(keyId: string, region: string, account: string): Promise<Key>;
  policy(key: Key): Promise<PolicyDocument>;
  grants(key: Key): Promise<KeyGrant[]>;
}

/** What is to be granted: for this one secret only (EncryptionContextSubset SecretARN). `name` leads back to the change. */
export type NewGrant = {
  principal: string;
  secretArn: string;
  operations: readonly GrantedOperation[];
  name: string;
};

/** A labelled version of a secret, and the keys that it is encrypted under, as ListSecretVersionIds shows them; none where it shows none. */
export type EncryptedVersion = { stages: string[]; keyIds: string[] };

/** Whose versions are under which keys: a version keeps the key that the secret had when it was written. */
export interface SecretVersions {
  versions(secretArn: string): Promise<EncryptedVersion[]>;
}

/** What the judge looks at. Without versions it takes all of them to be under the secret's key of now. */
export type KeyLooks = Keys &
  Partial<SecretVersions> & {
    /** For a change whose intent is in the audit log by now: what was seen just before may do (remember-keys.ts). */
    onRecord?: Keys & Partial<SecretVersions>;
  };
