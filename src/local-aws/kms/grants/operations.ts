import { randomBytes } from 'node:crypto';
import Type, { type Static } from 'typebox';
import type { Call } from '../../call.ts';
import type { Context } from '../../enforcement/authorize.ts';
import { storedPrincipal } from '../../enforcement/stored-policy.ts';
import { AwsError, validationError } from '../../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../../protocol/input.ts';
import type { GrantRecord, KeyRecord } from '../../records.ts';
import { refuseUnusable } from '../key-states.ts';
import { authorizedKey, KeyId, specOf } from '../keys.ts';
import { DryRun, GrantId, PrincipalName, pageOfGrants, refuseDryRun, ServicePrincipal, shownGrant } from './shown.ts';
import { addGrant, endGrant, findGrant, grantsOf } from './store.ts';

/** Source: KMS Developer Guide, "Resource quotas": grants per key. */
const MAX_GRANTS = 50_000;

const OF_EVERY_KEY = ['CreateGrant', 'RetireGrant', 'DescribeKey'];
/** Source: KMS Developer Guide, "Grant operations". */
const OF_SYMMETRIC_KEYS = [
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
];
const OF_OTHER_KEYS = ['Sign', 'Verify', 'GetPublicKey', 'GenerateMac', 'VerifyMac', 'DeriveSharedSecret'];
const GrantOperation = Type.Enum([...OF_EVERY_KEY, ...OF_SYMMETRIC_KEYS, ...OF_OTHER_KEYS]);
const EncryptionContext = Type.Record(Type.String(), text(0, 384), { minProperties: 1, maxProperties: 8 });

const CreateGrantInput = Type.Object({
  KeyId,
  GranteePrincipal: optional(PrincipalName),
  GranteeServicePrincipal: optional(ServicePrincipal),
  RetiringPrincipal: optional(PrincipalName),
  RetiringServicePrincipal: optional(ServicePrincipal),
  Operations: Type.Array(GrantOperation, { minItems: 1 }),
  Constraints: optional(
    Type.Object({
      EncryptionContextSubset: optional(EncryptionContext),
      EncryptionContextEquals: optional(EncryptionContext),
      SourceArn: optional(text(20, 2048)),
    }),
  ),
  Name: optional(text(1, 256, '^[a-zA-Z0-9:/_-]+$')),
  DryRun,
});
type CreateGrantInput = Static<typeof CreateGrantInput>;

/** Grants on keys. Source: KMS API Reference, CreateGrant, ListGrants, RevokeGrant. */
export const grantOperations: Record<string, AwsOperation<Call>> = {
  CreateGrant: operation(CreateGrantInput, (call: Call, input) => {
    refuseContradictions(input);
    const key = authorizedKey(call, input.KeyId, grantContext(input));
    refuseUnusable(key);
    refuseUnfitting(key, input.Operations);
    const wanted = wantedGrant(call, key, input);
    const grants = grantsOf(call, key);
    const same = wanted.name === undefined ? undefined : grants.find((grant) => essence(grant) === essence(wanted));
    if (!same && grants.length >= MAX_GRANTS) {
      throw new AwsError('LimitExceededException', 'Maximum number of grants exceeded');
    }
    refuseDryRun(input);
    if (same !== undefined) return { GrantId: same.id, GrantToken: same.token };
    const grant: GrantRecord = {
      ...wanted,
      id: randomBytes(32).toString('hex'),
      token: randomBytes(90).toString('base64'),
      keyArn: key.arn,
      issuingAccount: `arn:${key.partition}:iam::${call.caller.account}:root`,
      createdAt: call.now.getTime(),
    };
    addGrant(call, key, grant);
    return { GrantId: grant.id, GrantToken: grant.token };
  }),

  ListGrants: operation(
    Type.Object({
      KeyId,
      GrantId: optional(GrantId),
      GranteePrincipal: optional(PrincipalName),
      GranteeServicePrincipal: optional(ServicePrincipal),
      Limit: optional(Type.Integer({ minimum: 1, maximum: 100 })),
      Marker: optional(text(1, 1024)),
    }),
    (call: Call, input) => {
      const key = authorizedKey(call, input.KeyId);
      const wanted = ['GrantId', 'GranteePrincipal', 'GranteeServicePrincipal'] as const;
      const grants = grantsOf(call, key)
        .map((grant) => shownGrant(call, grant))
        .filter((grant) => wanted.every((name) => input[name] === undefined || input[name] === grant[name]));
      return pageOfGrants(grants, input);
    },
  ),

  RevokeGrant: operation(Type.Object({ KeyId, GrantId, DryRun }), (call: Call, input) => {
    const key = authorizedKey(call, input.KeyId);
    if (!/^[0-9a-f]{64}$/.test(input.GrantId)) throw new AwsError('InvalidGrantIdException', 'Invalid grant ID');
    const grant = findGrant(call, key, input.GrantId);
    if (grant === undefined) {
      throw new AwsError('NotFoundException', `Grant ID ${input.GrantId} not found`);
    }
    refuseDryRun(input);
    endGrant(call, key, grant);
    return {};
  }),
};

/** @throws AwsError ValidationException where members exclude or need each other (KMS API Reference, CreateGrant) */
function refuseContradictions(input: CreateGrantInput): void {
  const { GranteePrincipal: grantee, GranteeServicePrincipal: service, Constraints: constraints = {} } = input;
  const { RetiringPrincipal: retiring, RetiringServicePrincipal: retiringService } = input;
  if ((grantee === undefined) === (service === undefined)) {
    throw validationError('You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.');
  }
  if (retiring !== undefined && retiringService !== undefined) {
    throw validationError('You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both.');
  }
  if (constraints.EncryptionContextSubset && constraints.EncryptionContextEquals) {
    throw validationError('Only one of EncryptionContextSubset and EncryptionContextEquals may be given.');
  }
  if (service === undefined) return;
  if (constraints.SourceArn === undefined || (retiring ?? retiringService) === undefined) {
    throw validationError('A GranteeServicePrincipal takes a SourceArn constraint and a retiring principal.');
  }
}

/** @throws AwsError ValidationException for what a key of this spec does not do */
function refuseUnfitting(key: KeyRecord, operations: readonly string[]): void {
  const symmetric = specOf(key).spec === 'SYMMETRIC_DEFAULT';
  const foreign = operations.find((name) => (symmetric ? OF_OTHER_KEYS : OF_SYMMETRIC_KEYS).includes(name));
  if (foreign !== undefined) throw validationError(`${foreign} is not an operation of the key ${key.arn}.`);
}

/** Condition keys of CreateGrant. Source: KMS Developer Guide, "AWS KMS condition keys". */
function grantContext({ Operations, Constraints = {}, ...input }: CreateGrantInput): Context {
  const context = Constraints.EncryptionContextEquals ?? Constraints.EncryptionContextSubset ?? {};
  const type = Object.keys(Constraints).find((name) => name.startsWith('EncryptionContext'));
  return {
    'kms:GrantOperations': Operations,
    'kms:GrantIsForAWSResource': 'false',
    ...(input.GranteePrincipal === undefined ? {} : { 'kms:GranteePrincipal': input.GranteePrincipal }),
    ...(input.RetiringPrincipal === undefined ? {} : { 'kms:RetiringPrincipal': input.RetiringPrincipal }),
    ...(type === undefined ? {} : { 'kms:GrantConstraintType': type }),
    ...(Constraints.SourceArn === undefined ? {} : { 'aws:SourceArn': Constraints.SourceArn }),
    'kms:EncryptionContextKeys': Object.keys(context),
    ...Object.fromEntries(Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
  };
}

type WantedGrant = Pick<GrantRecord, 'grantee' | 'retiring' | 'operations' | 'constraints' | 'name'>;

function wantedGrant(call: Call, key: KeyRecord, input: CreateGrantInput): WantedGrant {
  const known = (name: string): string => {
    const stored = storedPrincipal(name, key.partition, call.directory);
    if (stored !== undefined && stored !== '*') return stored;
    throw new AwsError('InvalidArnException', `ARN does not refer to a valid principal: ${name}`);
  };
  const { GranteePrincipal: grantee, GranteeServicePrincipal: service = '', Constraints: constraints } = input;
  const retiring =
    input.RetiringPrincipal === undefined ? input.RetiringServicePrincipal : known(input.RetiringPrincipal);
  return {
    grantee: grantee === undefined ? service : known(grantee),
    ...(retiring === undefined ? {} : { retiring }),
    operations: input.Operations,
    ...(constraints && Object.keys(constraints).length > 0 ? { constraints } : {}),
    ...(input.Name === undefined ? {} : { name: input.Name }),
  };
}

/** What makes two named grants the same, so that a repeated CreateGrant answers with the first. */
const essence = ({ name, grantee, retiring, operations, constraints = {} }: WantedGrant): string =>
  JSON.stringify([
    name,
    grantee,
    retiring,
    [...operations].sort(),
    constraints.SourceArn,
    Object.entries(constraints.EncryptionContextSubset ?? {}).sort(),
    Object.entries(constraints.EncryptionContextEquals ?? {}).sort(),
  ]);
