import Type, { type Static } from 'typebox';
import type { Call } from '../call.ts';
import { authorize, type Context } from '../enforcement/authorize.ts';
import { AwsError } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import { pageOf } from '../protocol/paging.ts';
import { authorizedKey, KeyId, placeOf, refuseManaged, saveKey } from './keys.ts';

export const KeyTags = Type.Array(Type.Object({ TagKey: text(1, 128), TagValue: text(0, 256) }), { maxItems: 50 });
type KeyTags = Static<typeof KeyTags>;

const Page = {
  Limit: optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  Marker: optional(text(1, 1024)),
};

/** Keys as a list, and their tags. Source: KMS API Reference. */
export const keyTagOperations: Record<string, AwsOperation<Call>> = {
  ListKeys: operation(Type.Object(Page), (call: Call, { Limit: limit = 100, Marker: marker }) => {
    const { account, region } = placeOf(call);
    authorize(call, call.action, { arn: '*', account, policy: null });
    const now = call.now.getTime();
    const keys = call.store
      .list('key', `${account}/${region}/`)
      .filter(({ deletionAt }) => deletionAt === undefined || deletionAt > now);
    const { items, next } = pageOf(keys, ({ id }) => id, limit, marker, 'InvalidMarkerException');
    return {
      Keys: items.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })),
      Truncated: next !== undefined,
      ...(next && { NextMarker: next }),
    };
  }),

  ListResourceTags: operation(Type.Object({ KeyId, ...Page }), (call: Call, input) => {
    const { tags = {} } = authorizedKey(call, input.KeyId);
    return { Tags: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })), Truncated: false };
  }),

  TagResource: operation(Type.Object({ KeyId, Tags: KeyTags }), (call: Call, input) => {
    const key = authorizedKey(call, input.KeyId, requestedTags(input.Tags));
    refuseManaged(key);
    saveKey(call, { ...key, tags: { ...key.tags, ...tagsOf(input.Tags) } });
    return {};
  }),

  UntagResource: operation(Type.Object({ KeyId, TagKeys: Type.Array(text(1, 128)) }), (call: Call, input) => {
    const key = authorizedKey(call, input.KeyId, { 'aws:TagKeys': input.TagKeys });
    refuseManaged(key);
    const kept = Object.entries(key.tags ?? {}).filter(([name]) => !input.TagKeys.includes(name));
    saveKey(call, { ...key, tags: Object.fromEntries(kept) });
    return {};
  }),
};

/** @throws AwsError TagException where a tag is given twice, or is one that AWS keeps for itself */
export function tagsOf(tags: KeyTags = []): Record<string, string> {
  const keys = tags.map(({ TagKey }) => TagKey);
  if (new Set(keys).size < keys.length) throw new AwsError('TagException', 'Duplicate tag keys');
  if (keys.some((key) => key.toLowerCase().startsWith('aws:'))) {
    throw new AwsError('TagException', 'Tags beginning with aws: are reserved');
  }
  return Object.fromEntries(tags.map(({ TagKey, TagValue }) => [TagKey, TagValue]));
}

export const requestedTags = (tags: KeyTags = []): Context => ({
  'aws:TagKeys': tags.map(({ TagKey }) => TagKey),
  ...Object.fromEntries(tags.map(({ TagKey, TagValue }) => [`aws:RequestTag/${TagKey}`, TagValue])),
});
