import { randomUUID } from 'node:crypto';
import { parseArn } from '../../policy/arn.ts';
import { statementsOf } from '../../policy/document.ts';
import type { Call } from '../call.ts';
import { authorize, type Context, type Target } from '../enforcement/authorize.ts';
import { shownPolicy } from '../enforcement/stored-policy.ts';
import { AwsError } from '../protocol/errors.ts';
import { text } from '../protocol/input.ts';
import type { KeyRecord } from '../records.ts';
import { grantStatements } from './grants/statements.ts';
import { MANAGED_ALIAS, managedKeyDescription, managedKeyPolicy } from './managed-key.ts';

/** As every operation takes it. */
export const KeyId = text(1, 2048);

export type KeyPlace = { partition: string; account: string; region: string };
export const placeOf = ({ partition, region, caller: { account } }: Call): KeyPlace => ({ partition, account, region });

/** A key by id, key ARN, alias name or alias ARN. Ids and alias names are looked up in `place`. */
export function findKey(call: Call, keyId: string, place: KeyPlace): KeyRecord | undefined {
  const arn = parseArn(keyId);
  const at = arn === undefined ? place : { partition: arn.partition, account: arn.account, region: arn.region };
  const name = arn === undefined ? keyId : arn.resource.replace(/^key\//, '');
  if (name === MANAGED_ALIAS) return managedKey(call, at);
  const id = name.startsWith('alias/') ? call.store.get('alias', pathOf(at, name))?.keyId : name;
  const key = id === undefined ? undefined : call.store.get('key', pathOf(at, id));
  return key?.deletionAt !== undefined && key.deletionAt <= call.now.getTime() ? undefined : key;
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

/** A key with its policy and its grants, which allow as statements of that policy would. */
export function keyTarget(call: Call, key: KeyRecord, action: string): Target {
  const policy = shownPolicy(key.policy, call.directory);
  const granted = grantStatements(call, key, action);
  return {
    arn: key.arn,
    account: key.account,
    policy: granted.length === 0 ? policy : { ...policy, Statement: [...statementsOf(policy), ...granted] },
    policyRequired: true,
    managedByAws: key.manager === 'AWS',
  };
}

export const keyContext = (call: Call, key: KeyRecord): Context => ({
  'kms:CallerAccount': call.caller.account,
  'kms:KeyOrigin': 'AWS_KMS',
  'kms:KeySpec': specOf(key).spec,
  'kms:KeyUsage': specOf(key).usage,
  'kms:MultiRegion': 'false',
  'kms:ResourceAliases': aliasesOf(call, key).map(({ name }) => name),
  ...Object.fromEntries(Object.entries(key.tags ?? {}).map(([name, value]) => [`aws:ResourceTag/${name}`, value])),
});

export const specOf = ({ spec = 'SYMMETRIC_DEFAULT', usage = 'ENCRYPT_DECRYPT' }: KeyRecord) => ({ spec, usage });

/** @throws AwsError UnsupportedOperationException for a key that AWS manages */
export function refuseManaged(key: KeyRecord): void {
  if (key.manager === 'AWS') {
    throw new AwsError('UnsupportedOperationException', `${key.arn} is managed by AWS and cannot be changed.`);
  }
}

export const aliasesOf = (call: Call, key: KeyRecord) =>
  call.store.list('alias', pathOf(key, 'alias/')).filter(({ keyId }) => keyId === key.id);

export function createKey(
  call: Call,
  place: KeyPlace,
  spec: Pick<KeyRecord, 'manager' | 'description' | 'policy' | 'spec' | 'usage' | 'tags'>,
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

export const deleteAlias = (call: Call, name: string, key: KeyRecord): void =>
  call.store.delete('alias', pathOf(key, name));

function managedKey(call: Call, place: KeyPlace): KeyRecord {
  const alias = call.store.get('alias', pathOf(place, MANAGED_ALIAS));
  const existing = alias && call.store.get('key', pathOf(place, alias.keyId));
  if (existing !== undefined) return existing;
  const spec = { manager: 'AWS', description: managedKeyDescription, policy: managedKeyPolicy(place) } as const;
  const key = createKey(call, place, spec);
  createAlias(call, MANAGED_ALIAS, key);
  return key;
}

const pathOf = ({ account, region }: Omit<KeyPlace, 'partition'>, name: string): string =>
  `${account}/${region}/${name}`;
const arnOf = ({ partition, account, region }: KeyPlace, resource: string): string =>
  `arn:${partition}:kms:${region}:${account}:${resource}`;

const notFound = (message: string) => new AwsError('NotFoundException', message);
