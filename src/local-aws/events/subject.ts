import { parseArn } from '../../policy/arn.ts';
import type { Call } from '../call.ts';
import { grantOfToken } from '../kms/grants/retiring.ts';
import { findKey, placeOf } from '../kms/keys.ts';
import type { WireCall } from '../protocol/json-protocol.ts';
import type { Subject } from './record.ts';

type Named = { SecretId?: unknown; KeyId?: unknown; TargetKeyId?: unknown; AliasName?: unknown; GrantToken?: unknown };

/** What a call is about, as far as its input says so: looked up before it runs, as a grant that ends is not found later. */
export function subjectOf(call: Call, { service, input }: WireCall): Subject {
  const named = (input ?? {}) as Named;
  const own = call.caller.account;
  if (service !== 'kms') return { owner: accountOf(named.SecretId) ?? own };
  const keyId = named.KeyId ?? named.TargetKeyId ?? named.AliasName ?? keyOfToken(call, named.GrantToken);
  const key = typeof keyId === 'string' ? findKey(call, keyId, placeOf(call)) : undefined;
  return { owner: key?.account ?? accountOf(keyId) ?? own, keyArn: key?.arn };
}

const accountOf = (name: unknown): string | undefined =>
  typeof name === 'string' ? parseArn(name)?.account : undefined;

const keyOfToken = (call: Call, token: unknown): string | undefined =>
  typeof token === 'string' ? grantOfToken(call, token)?.keyArn : undefined;
