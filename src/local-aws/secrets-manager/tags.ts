import Type from 'typebox';
import type { Call } from '../call.ts';
import type { Context } from '../enforcement/authorize.ts';
import { invalidParameter } from '../protocol/errors.ts';
import { type AwsOperation, operation, text } from '../protocol/input.ts';
import type { SecretRecord } from '../records.ts';
import { authorizedSecret, refuseDeleted, refuseUnchangeable, SecretId, saveSecret } from './secret-record.ts';

const TagKey = text(1, 128);
export const Tags = Type.Array(Type.Object({ Key: TagKey, Value: text(0, 256) }));
type TagList = NonNullable<SecretRecord['tags']>;

const MAX_TAGS = 50;

/** Source: Secrets Manager API Reference, TagResource and UntagResource. */
export const secretTagOperations: Record<string, AwsOperation<Call>> = {
  TagResource: operation(Type.Object({ SecretId, Tags }), (call: Call, input) => {
    const secret = authorizedSecret(call, input.SecretId, tagContext(input.Tags));
    refuseDeleted(secret);
    refuseUnchangeable(secret);
    saveSecret(call, {
      ...secret.record,
      tags: withTags(secret.record.tags, input.Tags),
      changedAt: call.now.getTime(),
    });
    return {};
  }),

  UntagResource: operation(Type.Object({ SecretId, TagKeys: Type.Array(TagKey) }), (call: Call, input) => {
    const secret = authorizedSecret(call, input.SecretId, { 'aws:TagKeys': input.TagKeys });
    refuseDeleted(secret);
    refuseUnchangeable(secret);
    const tags = secret.record.tags?.filter(({ Key }) => !input.TagKeys.includes(Key));
    saveSecret(call, { ...secret.record, ...(tags && { tags }), changedAt: call.now.getTime() });
    return {};
  }),
};

/** @throws AwsError InvalidParameterException: more than 50 tags, a key twice, or one of those that AWS keeps for itself */
export function withTags(tags: TagList = [], added: TagList): TagList {
  if (new Set(added.map(({ Key }) => Key)).size < added.length) {
    throw invalidParameter('A tag key can be given only once in a request.');
  }
  if (added.some(({ Key }) => Key.toLowerCase().startsWith('aws:'))) {
    throw invalidParameter('Tag keys can\'t start with "aws:".');
  }
  const merged = new Map([...tags, ...added].map(({ Key, Value }) => [Key, Value]));
  if (merged.size > MAX_TAGS) throw invalidParameter(`A secret can have at most ${MAX_TAGS} tags.`);
  return [...merged].map(([Key, Value]) => ({ Key, Value }));
}

export const tagContext = (tags: TagList): Context => ({
  'aws:TagKeys': tags.map(({ Key }) => Key),
  ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
});
