import { type Clock, isWithin } from '../../clock.ts';
import { createLru } from '../../lru.ts';
import type { KeyGrants } from '../grants/grants-at-key.ts';
import type { Key, KeyGrant, KeyLooks, Keys, SecretVersions } from '../judge/key/keys.ts';
import { createMemory } from './memory.ts';
import { shareCalls } from './share-calls.ts';

const TTL_MS = 15_000;
/** Keys. */
const MOST = 1_000;
/** KMS shows a hundred grants a call: of a key with more than these they are remembered too. */
const FEW_GRANTS = 1_000;

/**
 * `remembered`: what a key is, and its policy, which this service never changes, are remembered for some seconds; its grants,
 * which any replica of it may make or revoke, are asked for by each look, and looks that come at once share calls.
 * `anew`: each look asks KMS, for what is done by what is seen.
 */
export function rememberKeys(
  keys: Keys & KeyGrants & SecretVersions,
  clock: Clock,
): { remembered: KeyLooks; anew: Keys & KeyGrants & SecretVersions } {
  const { once } = createMemory({ ttlMs: TTL_MS, max: MOST, clock });
  const many = createLru<{ at: number; grants: KeyGrant[] }>(MOST);
  let writes = 0;
  const forgetGrants = (key: Key) => {
    writes += 1;
    many.forget(key.arn);
  };

  const grantsNow = shareCalls(keys.grants, ({ arn }: Key) => arn);
  async function grants(key: Key): Promise<KeyGrant[]> {
    const known = many.find(key.arn);
    const at = clock().getTime();
    if (known !== undefined && isWithin(TTL_MS, known.at, at) && known.at >= timeOf(key)) return known.grants;
    const before = writes;
    const found = await grantsNow(key);
    if (found.length > FEW_GRANTS && before === writes) many.keep(key.arn, { at, grants: found });
    return found;
  }

  return {
    remembered: {
      describe: (keyId, region, account) =>
        once(`key ${region} ${account} ${keyId}`, async () => {
          const asOf = clock();
          return { ...(await keys.describe(keyId, region, account)), asOf };
        }),
      // Asked for again with the key itself, so that it is never the older one.
      policy: (key) => once(`policy ${key.arn} ${timeOf(key)}`, () => keys.policy(key)),
      grants,
      versions: (secretArn) => once(`versions ${secretArn}`, () => keys.versions(secretArn)),
    },
    anew: {
      ...keys,
      createGrant: (key, grant) => keys.createGrant(key, grant).finally(() => forgetGrants(key)),
      revokeGrant: (key, grantId) => keys.revokeGrant(key, grantId).finally(() => forgetGrants(key)),
    },
  };
}

const timeOf = ({ asOf }: Key): number => asOf?.getTime() ?? 0;
