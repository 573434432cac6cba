import type { Key, Keys } from './ports.ts';

const TTL_MS = 15_000;
const MAX_KEYS = 1_000;

/**
 * Looks at a key are shared for some seconds: the key leg of a hundred shares under one key costs three KMS calls, not
 * three hundred. A grant that we make or revoke ourselves shows at once.
 */
export function rememberKeys(keys: Keys, now: () => number): Keys {
  const looks = new Map<string, { until: number; look: Promise<unknown> }>();

  function once<T>(id: string, look: () => Promise<T>): Promise<T> {
    const known = looks.get(id);
    if (known !== undefined && known.until > now()) return known.look as Promise<T>;
    const fresh = look();
    looks.delete(id);
    looks.set(id, { until: now() + TTL_MS, look: fresh });
    // A failure is not remembered, and is the caller's to handle.
    fresh.catch(() => looks.delete(id));
    const oldest = looks.size > MAX_KEYS ? looks.keys().next().value : undefined;
    if (oldest !== undefined) looks.delete(oldest);
    return fresh;
  }
  const forgetGrants = (key: Key) => looks.delete(`grants ${key.arn}`);

  return {
    describe: (keyId, region, account) =>
      once(`key ${region} ${account} ${keyId}`, () => keys.describe(keyId, region, account)),
    policy: (key) => once(`policy ${key.arn}`, () => keys.policy(key)),
    grants: (key) => once(`grants ${key.arn}`, () => keys.grants(key)),
    createGrant: (key, grant) => keys.createGrant(key, grant).finally(() => forgetGrants(key)),
    revokeGrant: (key, grantId) => keys.revokeGrant(key, grantId).finally(() => forgetGrants(key)),
  };
}
