import { randomUUID } from 'node:crypto';
import { parseArn } from '../../policy/arn.ts';
import { type PolicyDocument, statementsOf } from '../../policy/document.ts';
import type { Call } from '../call.ts';
import { authorize, type Context, refusalOf, requestContext, type Target } from '../enforcement/authorize.ts';
import { shownPolicy } from '../enforcement/stored-policy.ts';
import { AwsError } from '../protocol/errors.ts';
import type { KeyRecord } from '../records.ts';
import { grantStatements } from './grant-statements.ts';

/** The predefined alias of the AWS managed key, which every account has in every Region from its first use on. */
export const MANAGED_ALIAS = 'alias/aws/secretsmanager';

export type KeyPlace = { partition: string; account: string; region: string };
export const placeOf = ({ partition, region, caller: { account } }: Call): KeyPlace => ({ partition, account, region });

/** A key by id, key ARN, alias name or alias ARN. Ids and alias names are looked up in `place`. */
export function findKey(call: Call, keyId: string, place: KeyPlace): KeyRecord | undefined {
  const arn = parseArn(keyId);
  const at = arn === undefined ? place : { partition: arn.partition, account: arn.account, region: arn.region };
  const name = arn === undefined ? keyId : arn.resource.replace(/^key\//, '');
  if (name === MANAGED_ALIAS) return managedKey(call, at);
  const id = name.startsWith('alias/') ? call.store.get('alias', pathOf(at, name))?.keyId : name;
  return id === undefined ? undefined : call.store.get('key', pathOf(at, id));
}

/**
 * The key that a KMS operation names, once the caller is authorised for it.
 * @throws AwsError AccessDeniedException, NotFoundException or InvalidArnException
 */
export function authorizedKey(call: Call, keyId: string, context: Context = {}): KeyRecord {
  const arn = parseArn(keyId);
  if (keyId.startsWith('arn:') && (arn?.service !== 'kms' || !/^(key|alias)\/./.test(arn.resource))) {
    throw new AwsError('InvalidArnException', `Invalid arn ${keyId}`);
  }
  if (arn !== undefined && arn.region !== call.region) throw notFound(`Invalid arn ${arn.region}`);
  const key = findKey(call, keyId, placeOf(call));
  if (key === undefined) {
    // Whether a key of another account exists is its owner's business.
    if (arn !== undefined && arn.account !== call.caller.account) {
      authorize(call, call.action, { arn: keyId, account: arn.account, policy: null, policyRequired: true });
    }
    throw notFound(missingKey(keyId, call));
  }
  const alias = (arn?.resource ?? keyId).startsWith('alias/') ? { 'kms:RequestAlias': arn?.resource ?? keyId } : {};
  authorize(call, call.action, keyTarget(call, key, call.action), { ...keyContext(call, key), ...alias, ...context });
  return key;
}

function missingKey(keyId: string, call: Call): string {
  if (/^(arn:[^:]*:kms:[^:]*:\d*:)?alias\//.test(keyId)) {
    return `Alias ${keyId.startsWith('arn:') ? keyId : arnOf(placeOf(call), keyId)} is not found.`;
  }
  if (keyId.startsWith('arn:')) return `Key '${keyId}' does not exist`;
  return /^[0-9a-f-]{36}$/.test(keyId)
    ? `Key '${arnOf(placeOf(call), `key/${keyId}`)}' does not exist`
    : `Invalid keyId '${keyId}'`;
}

/**
 * Whether the caller may use a secret's key through Secrets Manager: the key leg of every read and write of a value.
 * Source: Secrets Manager User Guide, "Secret encryption and decryption in AWS Secrets Manager".
 */
export function mayUseSecretKey(
  call: Call,
  key: KeyRecord,
  action: 'kms:Decrypt' | 'kms:GenerateDataKey',
  secret: { arn: string; versionId: string },
): boolean {
  const service = `secretsmanager.${key.region}.amazonaws.com`;
  const encryption = { SecretARN: secret.arn, SecretVersionId: secret.versionId };
  const context = {
    ...requestContext(call, service),
    ...keyContext(call, key),
    'kms:ViaService': service,
    'kms:EncryptionContextKeys': Object.keys(encryption),
    ...Object.fromEntries(Object.entries(encryption).map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
  };
  return refusalOf(call, action, keyTarget(call, key, action), context) === null;
}

/** A key with its policy and its grants, which allow as statements of that policy would. */
function keyTarget(call: Call, key: KeyRecord, action: string): Target {
  const policy = shownPolicy(key.policy, call.directory);
  const granted = grantStatements(call, key, action);
  return {
    arn: key.arn,
    account: key.account,
    policy: granted.length === 0 ? policy : { ...policy, Statement: [...statementsOf(policy), ...granted] },
    policyRequired: true,
  };
}

const keyContext = (call: Call, key: KeyRecord): Context => ({
  'kms:CallerAccount': call.caller.account,
  'kms:KeyOrigin': 'AWS_KMS',
  'kms:KeySpec': 'SYMMETRIC_DEFAULT',
  'kms:KeyUsage': 'ENCRYPT_DECRYPT',
  'kms:MultiRegion': 'false',
  'kms:ResourceAliases': aliasesOf(call, key).map(({ name }) => name),
});

export const aliasesOf = (call: Call, key: KeyRecord) =>
  call.store.list('alias', pathOf(key, 'alias/')).filter(({ keyId }) => keyId === key.id);

export function createKey(
  call: Call,
  place: KeyPlace,
  spec: Pick<KeyRecord, 'manager' | 'description' | 'policy'>,
): KeyRecord {
  const id = randomUUID();
  const key = { ...place, ...spec, id, arn: arnOf(place, `key/${id}`), createdAt: call.now.getTime() };
  saveKey(call, key);
  return key;
}

export const saveKey = (call: Call, key: KeyRecord): void => call.store.put('key', pathOf(key, key.id), key);

export function createAlias(call: Call, name: string, key: KeyRecord): void {
  const alias = { name, arn: arnOf(key, name), keyId: key.id, createdAt: call.now.getTime() };
  call.store.put('alias', pathOf(key, name), alias);
}

function managedKey(call: Call, place: KeyPlace): KeyRecord {
  const alias = call.store.get('alias', pathOf(place, MANAGED_ALIAS));
  const existing = alias && call.store.get('key', pathOf(place, alias.keyId));
  if (existing !== undefined) return existing;
  const description = 'Default key that protects my Secrets Manager data when no other key is defined';
  const key = createKey(call, place, { manager: 'AWS', description, policy: managedKeyPolicy(place) });
  createAlias(call, MANAGED_ALIAS, key);
  return key;
}

/**
 * The fixed policy of `aws/secretsmanager`: through Secrets Manager, and only for the account's own principals. That
 * is why a secret under this key can never be read from another account.
 */
const managedKeyPolicy = ({ partition, account, region }: KeyPlace): PolicyDocument => ({
  Version: '2012-10-17',
  Id: 'auto-secretsmanager-2',
  Statement: [
    {
      Sid: 'Allow access through AWS Secrets Manager for all principals in the account that are authorized to use AWS Secrets Manager',
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: [
        'kms:Encrypt',
        'kms:Decrypt',
        'kms:ReEncrypt*',
        'kms:GenerateDataKey*',
        'kms:CreateGrant',
        'kms:DescribeKey',
      ],
      Resource: '*',
      Condition: {
        StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com`, 'kms:CallerAccount': account },
      },
    },
    {
      Sid: 'Allow direct access to key metadata to the account',
      Effect: 'Allow',
      Principal: { AWS: `arn:${partition}:iam::${account}:root` },
      Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
      Resource: '*',
    },
  ],
});

const pathOf = ({ account, region }: Omit<KeyPlace, 'partition'>, name: string): string =>
  `${account}/${region}/${name}`;
const arnOf = ({ partition, account, region }: KeyPlace, resource: string): string =>
  `arn:${partition}:kms:${region}:${account}:${resource}`;

const notFound = (message: string) => new AwsError('NotFoundException', message);
