import { randomBytes } from 'node:crypto';
import Type from 'typebox';
import { type Call, seconds } from '../call.ts';
import { shownPrincipal, storedPrincipal } from '../enforcement/stored-policy.ts';
import { AwsError, validationError } from '../protocol/errors.ts';
import { type Operation, operation, optional, text } from '../protocol/input.ts';
import { pageOf } from '../protocol/paging.ts';
import type { GrantRecord, KeyRecord } from '../records.ts';
import { grantsOf } from './grant-statements.ts';
import { authorizedKey } from './keys.ts';

/** Source: KMS Developer Guide, "Resource quotas": grants per key. */
const MAX_GRANTS = 50_000;

const KeyId = text(1, 2048);
const GrantId = text(1, 128);
const PrincipalName = text(1, 256, String.raw`^[\w+=,.@:/-]+$`);
const EncryptionContext = Type.Record(Type.String(), Type.String());

const CreateGrantInput = Type.Object({
  KeyId,
  GranteePrincipal: PrincipalName,
  Operations: Type.Array(
    Type.Enum([
      'Decrypt',
      'Encrypt',
      'GenerateDataKey',
      'GenerateDataKeyWithoutPlaintext',
      'ReEncryptFrom',
      'ReEncryptTo',
      'CreateGrant',
      'RetireGrant',
      'DescribeKey',
    ]),
    { minItems: 1 },
  ),
  Constraints: optional(
    Type.Object({
      EncryptionContextSubset: optional(EncryptionContext),
      EncryptionContextEquals: optional(EncryptionContext),
    }),
  ),
  Name: optional(text(1, 256, '^[a-zA-Z0-9:/_-]+$')),
});

/** Grants on keys. Source: KMS API Reference, CreateGrant, ListGrants, RevokeGrant. */
export const grantOperations: Record<string, Operation<Call>> = {
  CreateGrant: operation(CreateGrantInput, (call: Call, input) => {
    const constraints = input.Constraints as GrantRecord['constraints'];
    const [constraintType, ...further] = Object.keys(constraints ?? {});
    if (further.length > 0) {
      throw validationError('Only one of EncryptionContextSubset and EncryptionContextEquals may be given.');
    }
    const key = authorizedKey(call, input.KeyId, {
      'kms:GrantOperations': input.Operations,
      'kms:GranteePrincipal': input.GranteePrincipal,
      'kms:GrantIsForAWSResource': 'false',
      ...(constraintType === undefined ? {} : { 'kms:GrantConstraintType': constraintType }),
    });
    const grantee = storedPrincipal(input.GranteePrincipal, key.partition, call.directory);
    if (grantee === undefined || grantee === '*') {
      throw new AwsError('InvalidArnException', `ARN does not refer to a valid principal: ${input.GranteePrincipal}`);
    }
    const { Name: name } = input;
    const wanted = {
      grantee,
      operations: input.Operations,
      ...(constraints && { constraints }),
      ...(name && { name }),
    };
    const grants = grantsOf(call, key);
    const same = name === undefined ? undefined : grants.find((grant) => essence(grant) === essence(wanted));
    if (same !== undefined) return { GrantId: same.id, GrantToken: same.token };
    if (grants.length >= MAX_GRANTS) throw new AwsError('LimitExceededException', 'Maximum number of grants exceeded');
    const grant: GrantRecord = {
      ...wanted,
      id: randomBytes(32).toString('hex'),
      token: randomBytes(90).toString('base64'),
      keyArn: key.arn,
      issuingAccount: `arn:${key.partition}:iam::${call.caller.account}:root`,
      createdAt: call.now.getTime(),
    };
    call.store.put('grant', pathOf(key, grant.id), grant);
    return { GrantId: grant.id, GrantToken: grant.token };
  }),

  ListGrants: operation(
    Type.Object({
      KeyId,
      GrantId: optional(GrantId),
      GranteePrincipal: optional(PrincipalName),
      Limit: optional(Type.Integer({ minimum: 1, maximum: 100 })),
      Marker: optional(text(1, 1024)),
    }),
    (call: Call, input) => {
      const key = authorizedKey(call, input.KeyId);
      const grants = grantsOf(call, key)
        .map((grant) => shownGrant(call, grant))
        .filter(({ GrantId: id }) => input.GrantId === undefined || id === input.GrantId)
        .filter(
          ({ GranteePrincipal: name }) => input.GranteePrincipal === undefined || name === input.GranteePrincipal,
        );
      const { items, next } = pageOf(
        grants,
        ({ GrantId: id }) => id,
        input.Limit ?? 50,
        input.Marker,
        'InvalidMarkerException',
      );
      return { Grants: items, Truncated: next !== undefined, ...(next && { NextMarker: next }) };
    },
  ),

  RevokeGrant: operation(Type.Object({ KeyId, GrantId }), (call: Call, input) => {
    const key = authorizedKey(call, input.KeyId);
    if (!/^[0-9a-f]{64}$/.test(input.GrantId)) throw new AwsError('InvalidGrantIdException', 'Invalid grant ID');
    if (call.store.get('grant', pathOf(key, input.GrantId)) === undefined) {
      throw new AwsError('NotFoundException', `Grant ID ${input.GrantId} not found`);
    }
    call.store.delete('grant', pathOf(key, input.GrantId));
    return {};
  }),
};

const pathOf = (key: KeyRecord, grantId: string): string => `${key.id}/${grantId}`;

/** What makes two named grants the same, so that a repeated CreateGrant answers with the first. */
const essence = ({ name, grantee, operations, constraints }: Partial<GrantRecord>): string =>
  JSON.stringify([
    name,
    grantee,
    [...(operations ?? [])].sort(),
    Object.entries(constraints ?? {}).map(([type, pairs]) => [type, Object.entries(pairs).sort()]),
  ]);

const shownGrant = (call: Call, grant: GrantRecord) => ({
  KeyId: grant.keyArn,
  GrantId: grant.id,
  ...(grant.name === undefined ? {} : { Name: grant.name }),
  CreationDate: seconds(grant.createdAt),
  GranteePrincipal: shownPrincipal(grant.grantee, call.directory),
  IssuingAccount: grant.issuingAccount,
  Operations: grant.operations,
  ...(grant.constraints === undefined ? {} : { Constraints: grant.constraints }),
});
