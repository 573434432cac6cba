import type { Key, KeyGrant, KeyLooks } from '../access/judge/key/keys.ts';
import { createMemory } from '../access/looks/memory.ts';
import { placesOf, type Secret } from '../access/secret.ts';
import type { Clock } from '../clock.ts';
import type { PolicyDocument } from '../policy/document.ts';
import { DomainError } from '../problems/problem.ts';
import { isPassing } from '../problems/table.ts';

/** A key as a secret names it. */
export type KeyName = { keyId: string; region: string; account: string };

/** What was seen of a key: no policy and grants where the judge needs none. `problem` in plain words. */
export type KeyFacts = { key?: Key; policy?: PolicyDocument; grants?: KeyGrant[]; problem?: string };
export type SeenKey = { facts: KeyFacts; asOf: Date };

/** Keys as last seen. Each method @throws DomainError audit-unavailable. */
export interface EstateKeys {
  putKey(name: KeyName, seen: SeenKey): Promise<void>;
  findKey(name: KeyName): Promise<SeenKey | null>;
}

/** A key of which more were made is told as not seen: the index holds no heaps. */
const MAX_GRANTS = 2_000;
/** A key is looked at once for all secrets under it that are surveyed in this time. */
const ONCE_IN_MS = 5 * 60_000;

/** Looks at the keys of a secret and its replicas. @throws DomainError where what fails passes by itself */
export function createKeyLook(deps: {
  keys: KeyLooks;
  store: EstateKeys;
  clock: Clock;
}): (secret: Secret) => Promise<void> {
  const { keys, store, clock } = deps;
  const { once } = createMemory({ ttlMs: ONCE_IN_MS, max: 1_000, clock });

  async function factsOf({ keyId, region, account }: KeyName): Promise<KeyFacts> {
    let key: Key | undefined;
    try {
      key = await keys.describe(keyId, region, account);
      if (key.manager === 'AWS' || key.account !== account || !key.enabled) return { key };
      const [policy, grants] = await Promise.all([keys.policy(key), keys.grants(key)]);
      if (grants.length <= MAX_GRANTS) return { key, policy, grants };
      return { key, problem: `It has ${grants.length} grants, more than a survey keeps.` };
    } catch (error) {
      if (!(error instanceof DomainError) || isPassing(error.code)) throw error;
      return { ...(key && { key }), problem: error.message };
    }
  }

  return async (secret) => {
    for (const { kmsKeyId: keyId, region, account } of placesOf(secret)) {
      if (keyId === null) continue;
      const name = { keyId, region, account };
      await once(`${account} ${region} ${keyId}`, async () => {
        const asOf = clock();
        await store.putKey(name, { facts: await factsOf(name), asOf });
      });
    }
  };
}

/** Keys as the judge asks for them, without asking AWS. `oldest`: the one that was looked at longest ago of those asked for. */
export function seenKeys(store: Pick<EstateKeys, 'findKey'>): KeyLooks & { oldest(): Date | null } {
  const seen = new Map<string, KeyFacts>();
  let oldest: Date | null = null;
  const factOf = <Fact extends 'policy' | 'grants'>({ arn }: Key, fact: Fact): NonNullable<KeyFacts[Fact]> => {
    const facts = seen.get(arn);
    return facts?.[fact] ?? unseen(facts?.problem);
  };
  return {
    oldest: () => oldest,
    async describe(keyId, region, account) {
      const found = await store.findKey({ keyId, region, account });
      const key = found?.facts.key ?? unseen(found?.facts.problem);
      if (found === null) return key;
      seen.set(key.arn, found.facts);
      if (oldest === null || found.asOf < oldest) oldest = found.asOf;
      return key;
    },
    policy: async (key) => factOf(key, 'policy'),
    grants: async (key) => factOf(key, 'grants'),
  };
}

/** @throws DomainError always */
function unseen(why = 'No survey has looked at it yet.'): never {
  throw new DomainError('aws-error', { why });
}
