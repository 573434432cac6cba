import Type from 'typebox';
import { type Call, seconds } from '../call.ts';
import { AwsError } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional } from '../protocol/input.ts';
import type { KeyRecord } from '../records.ts';
import { authorizedKey, KeyId, refuseManaged, saveKey } from './keys.ts';

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

const DAY = 86_400_000;

/** A key's life after its creation. Source: KMS API Reference; KMS Developer Guide, "Key states of AWS KMS keys". */
export const keyStateOperations: Record<string, AwsOperation<Call>> = {
  EnableKey: operation(Type.Object({ KeyId }), (call: Call, input) => {
    const { state: _, ...key } = changeableKey(call, input.KeyId);
    saveKey(call, key);
    return {};
  }),

  DisableKey: operation(Type.Object({ KeyId }), (call: Call, input) => {
    saveKey(call, { ...changeableKey(call, input.KeyId), state: 'Disabled' });
    return {};
  }),

  ScheduleKeyDeletion: operation(
    Type.Object({ KeyId, PendingWindowInDays: optional(Type.Integer({ minimum: 7, maximum: 30 })) }),
    (call: Call, { KeyId: id, PendingWindowInDays: days = 30 }) => {
      const key = changeableKey(call, id, { 'kms:ScheduleKeyDeletionPendingWindowInDays': String(days) });
      const deletionAt = call.now.getTime() + days * DAY;
      saveKey(call, { ...key, state: 'PendingDeletion', deletionAt });
      const KeyState: KeyState = 'PendingDeletion';
      return { KeyId: key.arn, DeletionDate: seconds(deletionAt), KeyState, PendingWindowInDays: days };
    },
  ),

  CancelKeyDeletion: operation(Type.Object({ KeyId }), (call: Call, input) => {
    const { deletionAt, ...key } = authorizedKey(call, input.KeyId);
    refuseManaged(key);
    if (deletionAt === undefined) throw invalidState(`${key.arn} is not pending deletion.`);
    saveKey(call, { ...key, state: 'Disabled' });
    return { KeyId: key.arn };
  }),
};

function changeableKey(call: Call, keyId: string, context = {}): KeyRecord {
  const key = authorizedKey(call, keyId, context);
  refuseManaged(key);
  refusePendingDeletion(key);
  return key;
}

export const stateOf = ({ state }: KeyRecord): KeyState => state ?? 'Enabled';

/**
 * What a key can't do while it is disabled or about to be deleted: encrypt, decrypt, and be granted.
 * @throws AwsError DisabledException or KMSInvalidStateException
 */
export function refuseUnusable(key: KeyRecord): void {
  if (stateOf(key) === 'Disabled') throw new AwsError('DisabledException', `${key.arn} is disabled.`);
  refusePendingDeletion(key);
}

/** @throws AwsError KMSInvalidStateException */
export function refusePendingDeletion(key: KeyRecord): void {
  if (stateOf(key) === 'PendingDeletion') throw invalidState(`${key.arn} is pending deletion.`);
}

const invalidState = (message: string): AwsError => new AwsError('KMSInvalidStateException', message);
