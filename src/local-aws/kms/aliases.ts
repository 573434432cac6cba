import Type from 'typebox';
import { type Call, seconds } from '../call.ts';
import { authorize } from '../enforcement/authorize.ts';
import { AwsError, validationError } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import { pageOf } from '../protocol/paging.ts';
import type { AliasRecord, KeyRecord } from '../records.ts';
import { refusePendingDeletion } from './key-states.ts';
import { aliasesOf, authorizedKey, createAlias, deleteAlias, findKey, KeyId, placeOf, refuseManaged } from './keys.ts';

const AliasName = text(1, 256, '^[a-zA-Z0-9:/_-]+$');

/** Source: KMS API Reference, CreateAlias, UpdateAlias, DeleteAlias and ListAliases. */
export const aliasOperations: Record<string, AwsOperation<Call>> = {
  CreateAlias: operation(
    Type.Object({ AliasName, TargetKeyId: KeyId }),
    (call: Call, { AliasName: name, TargetKeyId: keyId }) => {
      refuseName(name);
      const key = targetOf(call, keyId);
      const arn = authorizedAlias(call, name);
      if (findKey(call, name, placeOf(call)) !== undefined) {
        throw new AwsError('AlreadyExistsException', `An alias with the name ${arn} already exists`);
      }
      createAlias(call, name, key);
      return {};
    },
  ),

  UpdateAlias: operation(
    Type.Object({ AliasName, TargetKeyId: KeyId }),
    (call: Call, { AliasName: name, TargetKeyId: keyId }) => {
      refuseName(name);
      authorizedAlias(call, name);
      const { spec, usage } = authorizedKey(call, name);
      const key = targetOf(call, keyId);
      if (key.spec !== spec || key.usage !== usage) {
        throw validationError('The current and the new key of an alias must be of the same type and usage.');
      }
      createAlias(call, name, key);
      return {};
    },
  ),

  DeleteAlias: operation(Type.Object({ AliasName }), (call: Call, { AliasName: name }) => {
    refuseName(name);
    authorizedAlias(call, name);
    deleteAlias(call, name, authorizedKey(call, name));
    return {};
  }),

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

/** What an alias is to stand for. */
function targetOf(call: Call, keyId: string): KeyRecord {
  if (/(^|:)alias\//.test(keyId)) throw validationError('Aliases must refer to keys. Not aliases');
  const key = authorizedKey(call, keyId);
  refuseManaged(key);
  refusePendingDeletion(key);
  if (key.account !== placeOf(call).account) throw validationError('Alias and key must be in the same account.');
  return key;
}

/** @returns its ARN. Of an alias identity policies alone decide. */
function authorizedAlias(call: Call, name: string): string {
  const { partition, region, account } = placeOf(call);
  const arn = `arn:${partition}:kms:${region}:${account}:${name}`;
  authorize(call, call.action, { arn, account, policy: null });
  return arn;
}

/** AWS documents InvalidAliasNameException; which fault of a name gets which code, moto recorded from AWS. */
function refuseName(name: string): void {
  if (!name.startsWith('alias/')) throw validationError('Invalid identifier');
  if (name.startsWith('alias/aws/')) throw new AwsError('NotAuthorizedException', '');
  if (!/^alias\/[a-zA-Z0-9/_-]+$/.test(name)) {
    throw new AwsError('InvalidAliasNameException', `${name} contains invalid characters for an alias`);
  }
}

const shownAlias = (alias: AliasRecord) => ({
  AliasName: alias.name,
  AliasArn: alias.arn,
  TargetKeyId: alias.keyId,
  CreationDate: seconds(alias.createdAt),
  LastUpdatedDate: seconds(alias.createdAt),
});
