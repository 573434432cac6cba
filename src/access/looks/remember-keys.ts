import type { AuditEvent } from '../../audit/event.ts';
import { type Clock, isWithin } from '../../clock.ts';
import { createLru } from '../../lru.ts';
import type { KeyGrants } from '../grants/grants-at-key.ts';
import type { Key, KeyGrant, KeyLooks, Keys, SecretVersions } from '../judge/key/keys.ts';
import { createMemory } from './memory.ts';
import { shareCalls } from './share-calls.ts';

const TTL_MS = 15_000;
/** Keys. */
const MOST = 1_000;
/** Keys whose grants are. */
const MOST_WITH_GRANTS = 100;
/** KMS shows a hundred grants a call: of a key with more than these they are remembered for looks too. */
const FEW_GRANTS = 1_000;

/**
 * `remembered`: what a key is, and its policy, which this service never changes, are remembered for some seconds. So are its grants, for
 * a change whose intent is on record: what any replica of ours made or revoked, and answered for, before that is in the chain. A look
 * has no such place in it and asks for the grants; looks that come at once share calls.
 * `anew`: each look asks KMS, for what is done by what is seen.
 * `note`: with each event that this process appends, in the order of the chain.
 */
export function rememberKeys(
  keys: Keys & KeyGrants & SecretVersions,
  clock: Clock,
): {
  remembered: KeyLooks;
  anew: Keys & KeyGrants & SecretVersions;
  note(event: Pick<AuditEvent, 'sequence'>): void;
} {
  const { once } = createMemory({ ttlMs: TTL_MS, max: MOST, clock });
  let granted = createLru<{ at: number; grants: KeyGrant[] }>(MOST_WITH_GRANTS);
  let last = 0;
  const forgetGrants = () => {
    granted = createLru(MOST_WITH_GRANTS);
  };

  const grantsNow = shareCalls(keys.grants, ({ arn }: Key) => arn);
  async function grants(key: Key, isRecorded: boolean): Promise<KeyGrant[]> {
    const kept = granted;
    const known = kept.find(key.arn);
    const at = clock().getTime();
    const isFresh = known !== undefined && isWithin(TTL_MS, known.at, at) && known.at >= timeOf(key);
    if (isFresh && (isRecorded || known.grants.length > FEW_GRANTS)) return known.grants;
    const found = await grantsNow(key);
    kept.keep(key.arn, { at, grants: found });
    return found;
  }

  const looks = (isRecorded: boolean): KeyLooks => ({
    describe: (keyId, region, account) =>
      once(`key ${region} ${account} ${keyId}`, async () => {
        const asOf = clock();
        return { ...(await keys.describe(keyId, region, account)), asOf };
      }),
    // Asked for again with the key itself, so that it is never the older one.
    policy: (key) => once(`policy ${key.arn} ${timeOf(key)}`, () => keys.policy(key)),
    grants: (key) => grants(key, isRecorded),
    versions: (secretArn) => once(`versions ${secretArn}`, () => keys.versions(secretArn)),
  });

  return {
    remembered: { ...looks(false), onRecord: looks(true) },
    anew: {
      ...keys,
      createGrant: (key, grant) => keys.createGrant(key, grant).finally(forgetGrants),
      revokeGrant: (key, grantId) => keys.revokeGrant(key, grantId).finally(forgetGrants),
    },
    note({ sequence }) {
      // Another replica wrote in between: it may have made or revoked a grant.
      if (sequence !== last + 1) forgetGrants();
      last = sequence;
    },
  };
}

const timeOf = ({ asOf }: Key): number => asOf?.getTime() ?? 0;
