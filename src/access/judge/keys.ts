import type { PolicyDocument } from '../../policy/document.ts';
import type { AwsReceipt } from '../write/secret-policies.ts';

/** A key as DescribeKey shows it. */
export type Key = { arn: string; account: string; manager: 'AWS' | 'CUSTOMER'; enabled: boolean };
export type KeyGrant = {
  grantId: string;
  name: string | null;
  granteePrincipal: string;
  operations: string[];
  secretArn: string | null;
};

/** KMS keys that encrypt secrets. `region` is the secret's: the key id of a secret is read there. */
export interface Keys {
  describe(keyId: string, region: string, account: string): Promise<Key>;
  policy(key: Key): Promise<PolicyDocument>;
  grants(key: Key): Promise<KeyGrant[]>;
  /** Decrypt and DescribeKey, for this one secret only (EncryptionContextSubset SecretARN). `name` leads back to the change. */
  createGrant(
    key: Key,
    grant: { principal: string; secretArn: string; name: string },
  ): Promise<{ grantId: string } & AwsReceipt>;
  revokeGrant(key: Key, grantId: string): Promise<AwsReceipt>;
}
