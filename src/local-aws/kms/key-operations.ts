import Type from 'typebox';
import { type Call, seconds } from '../call.ts';
import { authorize } from '../enforcement/authorize.ts';
import { AwsError, validationError } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import type { KeyRecord } from '../records.ts';
import { BypassLockoutCheck, KeyPolicy, readKeyPolicy } from './key-policies.ts';
import { stateOf } from './key-states.ts';
import { KeyTags, requestedTags, tagsOf } from './key-tags.ts';
import { authorizedKey, createKey, KeyId, type KeyPlace, placeOf, specOf } from './keys.ts';

/** Source: KMS API Reference, CreateKey and DescribeKey. */
export const keyOperations: Record<string, AwsOperation<Call>> = {
  CreateKey: operation(
    Type.Object({
      Description: optional(text(0, 8192)),
      Policy: optional(KeyPolicy),
      KeySpec: optional(text(1, 64)),
      CustomerMasterKeySpec: optional(text(1, 64)),
      KeyUsage: optional(text(1, 64)),
      Tags: optional(KeyTags),
      BypassPolicyLockoutSafetyCheck: BypassLockoutCheck,
    }),
    (call: Call, { Description: description = '', Policy, BypassPolicyLockoutSafetyCheck: bypass, ...input }) => {
      const place = placeOf(call);
      const { spec, usage } = readSpec(input.KeySpec ?? input.CustomerMasterKeySpec, input.KeyUsage);
      authorize(
        call,
        call.action,
        { arn: '*', account: place.account, policy: null },
        {
          'kms:KeySpec': spec,
          'kms:KeyUsage': usage,
          'kms:KeyOrigin': 'AWS_KMS',
          'kms:MultiRegion': 'false',
          'kms:BypassPolicyLockoutSafetyCheck': String(bypass ?? false),
          ...requestedTags(input.Tags),
        },
      );
      if (input.Tags) authorize(call, 'kms:TagResource', { arn: '*', account: place.account, policy: null });
      // What is asked of a policy is asked of one that is given.
      const policy = readKeyPolicy(call, Policy ?? defaultKeyPolicy(place), '*', bypass || Policy === undefined);
      const other = spec === 'SYMMETRIC_DEFAULT' ? {} : { spec, usage };
      const tags = tagsOf(input.Tags);
      const key = createKey(call, place, { manager: 'CUSTOMER', description, policy, tags, ...other });
      return { KeyMetadata: shownKey(key) };
    },
  ),

  DescribeKey: operation(Type.Object({ KeyId }), (call: Call, input) => ({
    KeyMetadata: shownKey(authorizedKey(call, input.KeyId)),
  })),
};

const RSA_ENCRYPTION = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'];
const RSA_SIGNING = ['PKCS1_V1_5', 'PSS'].flatMap((padding) =>
  [256, 384, 512].map((bits) => `RSASSA_${padding}_SHA_${bits}`),
);

/** Per usage, what a key of the spec does. Source: KMS Developer Guide, "Key spec reference". */
const SPECS: Record<string, Record<string, object>> = {
  SYMMETRIC_DEFAULT: { ENCRYPT_DECRYPT: { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] } },
  ...Object.fromEntries(
    ['RSA_2048', 'RSA_3072', 'RSA_4096'].map((spec) => [
      spec,
      {
        ENCRYPT_DECRYPT: { EncryptionAlgorithms: RSA_ENCRYPTION },
        SIGN_VERIFY: { SigningAlgorithms: RSA_SIGNING },
      },
    ]),
  ),
  ECC_NIST_P256: { SIGN_VERIFY: { SigningAlgorithms: ['ECDSA_SHA_256'] } },
  ECC_NIST_P384: { SIGN_VERIFY: { SigningAlgorithms: ['ECDSA_SHA_384'] } },
  ECC_NIST_P521: { SIGN_VERIFY: { SigningAlgorithms: ['ECDSA_SHA_512'] } },
  ...Object.fromEntries(
    [224, 256, 384, 512].map((bits) => [
      `HMAC_${bits}`,
      { GENERATE_VERIFY_MAC: { MacAlgorithms: [`HMAC_SHA_${bits}`] } },
    ]),
  ),
};

/** @throws AwsError ValidationException, or UnsupportedOperationException for a spec that the stand-in does not know */
function readSpec(spec = 'SYMMETRIC_DEFAULT', given?: string): { spec: string; usage: string } {
  const usages = Object.hasOwn(SPECS, spec) ? SPECS[spec] : undefined;
  if (usages === undefined) {
    throw new AwsError('UnsupportedOperationException', `The local stand-in does not make keys of the spec ${spec}.`);
  }
  const usage = given ?? (spec === 'SYMMETRIC_DEFAULT' ? 'ENCRYPT_DECRYPT' : undefined);
  if (usage === undefined)
    throw validationError('You must specify a KeyUsage value for all KeySpecs except SYMMETRIC_DEFAULT.');
  if (!Object.hasOwn(usages, usage)) {
    throw validationError(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
  }
  return { spec, usage };
}

/** The policy of a key that was created without one: the account's identity policies decide. */
const defaultKeyPolicy = ({ partition, account }: KeyPlace): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:${partition}:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });

function shownKey(key: KeyRecord) {
  const { spec, usage } = specOf(key);
  return {
    AWSAccountId: key.account,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: seconds(key.createdAt),
    ...(key.deletionAt === undefined ? {} : { DeletionDate: seconds(key.deletionAt) }),
    Description: key.description,
    Enabled: stateOf(key) === 'Enabled',
    KeyManager: key.manager,
    KeyState: stateOf(key),
    KeyUsage: usage,
    KeySpec: spec,
    CustomerMasterKeySpec: spec,
    ...SPECS[spec]?.[usage],
    Origin: 'AWS_KMS',
    MultiRegion: false,
  };
}
