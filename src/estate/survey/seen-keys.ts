import type { EncryptedVersion, Key, KeyGrant, KeyLooks } from '../../access/judge/key/keys.ts';
import { createMemory } from '../../access/looks/memory.ts';
import { placesOf, type Secret } from '../../access/secret.ts';
import type { Clock } from '../../clock.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { DomainError } from '../../problems/problem.ts';
import { isPassing } from '../../problems/table.ts';

/** A key as a secret names it. */
export type KeyName = { keyId: string; region: string; account: string };

/** What was seen of a key: no policy and grants where the judge needs none. `problem` in plain words. */
export type KeyFacts = { key?: Key; policy?: PolicyDocument; grants?: KeyGrant[]; problem?: string };
export type SeenKey = { facts: KeyFacts; asOf: Date };

/** Keys as last seen. Each method @throws DomainError audit-unavailable. */
export interface EstateKeys {
  /** Unless what is there was seen later. */
  putKey(name: KeyName, seen: SeenKey): Promise<void>;
  forgetKey(name: KeyName): Promise<void>;
  findKey(name: KeyName): Promise<SeenKey | null>;
  /** What secrets name the key of this ARN by; or the alias, where it is one's. */
  namesOf(arn: string): Promise<KeyName[]>;
}

/** A key of which more were made is told as not seen: the index holds no heaps. */
const MAX_GRANTS = 2_000;
/** A key is looked at once for all secrets under it that are surveyed in this time. */
const ONCE_IN_MS = 5 * 60_000;

/** What was seen of a key, and what is seen now. */
export type KeyChange = { name: KeyName; before: KeyFacts | undefined; after: KeyFacts | undefined };

/** At the keys of a secret and its replicas. */
export type KeyLook = {
  /** For a survey of many secrets. @throws DomainError where what fails passes by itself */
  at(secret: Secret): Promise<void>;
  /** For this secret, now. The same. */
  anew(secret: Secret): Promise<void>;
  forget(secret: Secret): Promise<void>;
  /** At the key of this ARN, or alias, now, by each name that secrets have for it: by none where none is known to be under it. */
  changed(arn: string): Promise<KeyChange[]>;
};

export function createKeyLook(deps: { keys: KeyLooks; store: EstateKeys; clock: Clock }): KeyLook {
  const { keys, store, clock } = deps;
  const memory = createMemory({ ttlMs: ONCE_IN_MS, max: 1_000, clock });

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

  const lookAt = (name: KeyName): Promise<void> =>
    memory.once(idOf(name), async () => {
      const asOf = clock();
      await store.putKey(name, { facts: await factsOf(name), asOf });
    });
  const each = async (secret: Secret, act: (name: KeyName) => Promise<void>): Promise<void> => {
    for (const name of namesOf(secret)) await act(name);
  };

  const lookAnew = (name: KeyName): Promise<void> => {
    memory.forget(idOf(name));
    return lookAt(name);
  };

  return {
    at: (secret) => each(secret, lookAt),
    anew: (secret) => each(secret, lookAnew),
    async changed(arn) {
      const changes: KeyChange[] = [];
      for (const name of await store.namesOf(arn)) {
        const before = (await store.findKey(name))?.facts;
        await lookAnew(name);
        changes.push({ name, before, after: (await store.findKey(name))?.facts });
      }
      return changes;
    },
    forget: (secret) => each(secret, store.forgetKey),
  };
}

const idOf = ({ keyId, region, account }: KeyName): string => `${account} ${region} ${keyId}`;

/** Of a secret and its replicas, those that they are under; none for the AWS managed key. */
export const namesOf = (secret: Secret): KeyName[] =>
  placesOf(secret).flatMap(({ kmsKeyId: keyId, region, account }) =>
    keyId === null ? [] : { keyId, region, account },
  );

/**
 * Keys as the judge of one secret asks for them, without asking AWS. `oldest`: the one that was looked at longest ago of those
 * asked for.
 * @param versions of the secret; null where they were not seen
 */
export function seenKeys(
  store: Pick<EstateKeys, 'findKey'>,
  versions: EncryptedVersion[] | null,
): KeyLooks & { oldest(): Date | null } {
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
      return { ...key, asOf: found.asOf };
    },
    policy: async (key) => factOf(key, 'policy'),
    grants: async (key) => factOf(key, 'grants'),
    versions: async () => versions ?? unseen(),
  };
}

/** @throws DomainError always */
function unseen(why = 'No survey has looked at it yet.'): never {
  throw new DomainError('aws-error', { why });
}
