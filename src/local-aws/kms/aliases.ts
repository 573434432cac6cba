import Type from 'typebox';
import { type Call, seconds } from '../call.ts';
import { authorize } from '../enforcement/authorize.ts';
import { AwsError, validationError } from '../protocol/errors.ts';
import { type Operation, operation, optional, text } from '../protocol/input.ts';
import { pageOf } from '../protocol/paging.ts';
import type { AliasRecord } from '../records.ts';
import { refusePendingDeletion } from './key-states.ts';
import { aliasesOf, authorizedKey, createAlias, findKey, placeOf, refuseManaged } from './keys.ts';
import { KeyId } from './shown-grant.ts';

/** Source: KMS API Reference, CreateAlias and ListAliases. */
export const aliasOperations: Record<string, Operation<Call>> = {
  CreateAlias: operation(
    Type.Object({ AliasName: text(1, 256, '^[a-zA-Z0-9:/_-]+$'), TargetKeyId: KeyId }),
    (call: Call, { AliasName: name, TargetKeyId: keyId }) => {
      refuseName(name);
      if (/(^|:)alias\//.test(keyId)) throw validationError('Aliases must refer to keys. Not aliases');
      const key = authorizedKey(call, keyId);
      refuseManaged(key);
      refusePendingDeletion(key);
      const { partition, region, account } = placeOf(call);
      if (key.account !== account) throw validationError('Alias and key must be in the same account.');
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
