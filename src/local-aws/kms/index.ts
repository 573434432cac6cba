import Type from 'typebox';
import type { PolicyDocument } from '../../policy/document.ts';
import { type Call, seconds } from '../call.ts';
import { authorize, refusalOf, requestContext } from '../enforcement/authorize.ts';
import { KEY_POLICY, parsePolicy } from '../enforcement/policy-syntax.ts';
import { normalisedPolicy, shownPolicy, storedPolicy } from '../enforcement/stored-policy.ts';
import { AwsError, malformedPolicy } from '../protocol/errors.ts';
import { type Operation, operation, optional, text } from '../protocol/input.ts';
import { pageOf } from '../protocol/paging.ts';
import type { AliasRecord, KeyRecord } from '../records.ts';
import { grantOperations } from './grants.ts';
import { aliasesOf, authorizedKey, createAlias, createKey, findKey, placeOf, saveKey } from './keys.ts';

const KeyId = text(1, 2048);
const Policy = text(1, 32_768);
const PolicyName = optional(Type.Literal('default'));
const Bypass = optional(Type.Boolean());

/** AWS Key Management Service. Source: KMS API Reference. */
export const kmsOperations: Record<string, Operation<Call>> = {
  ...grantOperations,

  CreateKey: operation(
    Type.Object({
      Description: optional(text(0, 8192)),
      Policy: optional(Policy),
      BypassPolicyLockoutSafetyCheck: Bypass,
    }),
    (call: Call, input) => {
      const place = placeOf(call);
      authorize(call, call.action, { arn: '*', account: place.account, policy: null });
      const policy = readKeyPolicy(
        call,
        input.Policy ?? defaultKeyPolicy(place),
        `*`,
        input.BypassPolicyLockoutSafetyCheck,
      );
      const key = createKey(call, place, { manager: 'CUSTOMER', description: input.Description ?? '', policy });
      return { KeyMetadata: shownKey(key) };
    },
  ),

  DescribeKey: operation(Type.Object({ KeyId }), (call: Call, input) => ({
    KeyMetadata: shownKey(authorizedKey(call, input.KeyId)),
  })),

  GetKeyPolicy: operation(Type.Object({ KeyId, PolicyName }), (call: Call, input) => ({
    Policy: JSON.stringify(shownPolicy(authorizedKey(call, input.KeyId).policy, call.directory), null, 2),
    PolicyName: 'default',
  })),

  PutKeyPolicy: operation(
    Type.Object({ KeyId, PolicyName, Policy, BypassPolicyLockoutSafetyCheck: Bypass }),
    (call: Call, input) => {
      const key = authorizedKey(call, input.KeyId);
      refuseManaged(key);
      saveKey(call, {
        ...key,
        policy: readKeyPolicy(call, input.Policy, key.arn, input.BypassPolicyLockoutSafetyCheck),
      });
      return {};
    },
  ),

  CreateAlias: operation(
    Type.Object({ AliasName: text(1, 256), TargetKeyId: KeyId }),
    (call: Call, { AliasName: name, TargetKeyId: keyId }) => {
      if (!/^alias\/[a-zA-Z0-9/_-]+$/.test(name) || name.startsWith('alias/aws/')) {
        throw new AwsError(
          'InvalidAliasNameException',
          'Alias must start with the prefix "alias/" and not with "alias/aws/"',
        );
      }
      const key = authorizedKey(call, keyId);
      refuseManaged(key);
      const { partition, region, account } = placeOf(call);
      const arn = `arn:${partition}:kms:${region}:${account}:${name}`;
      authorize(call, call.action, { arn, account, policy: null });
      if (findKey(call, name, placeOf(call)) !== undefined) {
        throw new AwsError('AlreadyExistsException', `An alias with the name ${arn} already exists`);
      }
      createAlias(call, name, key);
      return {};
    },
  ),

  ListAliases: operation(
    Type.Object({
      KeyId: optional(KeyId),
      Limit: optional(Type.Integer({ minimum: 1, maximum: 100 })),
      Marker: optional(text(1, 1024)),
    }),
    (call: Call, input) => {
      const { account, region } = placeOf(call);
      authorize(call, call.action, { arn: '*', account, policy: null });
      const key = input.KeyId === undefined ? undefined : findKey(call, input.KeyId, placeOf(call));
      if (input.KeyId !== undefined && key?.account !== account) {
        throw new AwsError('NotFoundException', `Key '${input.KeyId}' does not exist`);
      }
      const aliases = key ? aliasesOf(call, key) : call.store.list('alias', `${account}/${region}/alias/`);
      const { items, next } = pageOf(
        aliases,
        ({ name }) => name,
        input.Limit ?? 50,
        input.Marker,
        'InvalidMarkerException',
      );
      return { Aliases: items.map(shownAlias), Truncated: next !== undefined, ...(next && { NextMarker: next }) };
    },
  ),
};

/**
 * Reads a key policy into stored form. A policy that would not let the caller change it again is refused, unless the
 * caller waives that check.
 */
function readKeyPolicy(call: Call, json: string, keyArn: string, bypass = false): PolicyDocument {
  const { partition, account } = placeOf(call);
  const invalid = 'Policy contains a statement with one or more invalid principals.';
  const document = normalisedPolicy(parsePolicy(json, KEY_POLICY));
  const policy = storedPolicy(document, partition, call.directory, invalid);
  const target = { arn: keyArn, account, policy: shownPolicy(policy, call.directory), policyRequired: true };
  if (!bypass && refusalOf(call, 'kms:PutKeyPolicy', target, requestContext(call)) !== null) {
    throw malformedPolicy('The new key policy will not allow you to update the key policy in the future.');
  }
  return policy;
}

/** The policy of a key that was created without one: the account's identity policies decide. */
const defaultKeyPolicy = ({ partition, account }: { partition: string; account: string }): string =>
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

function refuseManaged(key: KeyRecord): void {
  if (key.manager === 'AWS') {
    throw new AwsError('UnsupportedOperationException', `${key.arn} is managed by AWS and cannot be changed.`);
  }
}

const shownKey = (key: KeyRecord) => ({
  AWSAccountId: key.account,
  KeyId: key.id,
  Arn: key.arn,
  CreationDate: seconds(key.createdAt),
  Description: key.description,
  Enabled: true,
  KeyManager: key.manager,
  KeyState: 'Enabled',
  KeyUsage: 'ENCRYPT_DECRYPT',
  KeySpec: 'SYMMETRIC_DEFAULT',
  CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
  EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
  Origin: 'AWS_KMS',
  MultiRegion: false,
});

const shownAlias = (alias: AliasRecord) => ({
  AliasName: alias.name,
  AliasArn: alias.arn,
  TargetKeyId: alias.keyId,
  CreationDate: seconds(alias.createdAt),
  LastUpdatedDate: seconds(alias.createdAt),
});
