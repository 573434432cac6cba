import type { Clock } from '../../clock.ts';
import type { Key, KeyLooks, Keys } from '../judge/key/keys.ts';
import { createMemory } from './memory.ts';

/**
 * `remembered`: looks at a key are shared for some seconds: the key leg of a hundred shares under one key costs three KMS
 * calls, not three hundred. `anew`: each look asks KMS, for what is done by what is seen. A grant that we make or revoke
 * ourselves shows at once in both.
 */
export function rememberKeys(keys: Keys, clock: Clock): { remembered: KeyLooks; anew: Keys } {
  const { once, forget } = createMemory({ ttlMs: 15_000, max: 1_000, clock });
  const forgetGrants = (key: Key) => forget(`grants ${key.arn}`);
  const remembered: KeyLooks = {
    describe: (keyId, region, account) =>
      once(`key ${region} ${account} ${keyId}`, () => keys.describe(keyId, region, account)),
    policy: (key) => once(`policy ${key.arn}`, () => keys.policy(key)),
    grants: (key) => once(`grants ${key.arn}`, () => keys.grants(key)),
  };
  const anew: Keys = {
    ...keys,
    createGrant: (key, grant) => keys.createGrant(key, grant).finally(() => forgetGrants(key)),
    revokeGrant: (key, grantId) => keys.revokeGrant(key, grantId).finally(() => forgetGrants(key)),
  };
  return { remembered, anew };
}
