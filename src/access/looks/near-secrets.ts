import type { Clock } from '../../clock.ts';
import { nearest } from '../../problems/nearest.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { mayLook } from '../guard/guard-change.ts';
import type { Identity } from '../identity.ts';
import { createMemory } from './memory.ts';
import type { SecretDirectory, SecretSummary } from './secret-directory.ts';

/**
 * The name of a secret that was probably meant, of those in the service's own account and Region that the caller may see.
 * Undefined for ARNs, and where none is near.
 */
export type NearSecrets = (identity: Identity, secretId: string) => Promise<string | undefined>;

/** The first so many names are known, for so long: whoever misspells names does not use AWS's quota up. */
const MOST_NAMES = 1_000;
const KNOWN_MS = 60_000;
/** What one look compares. */
const MOST_COMPARED = 200;

export function createNearSecrets(deps: {
  directory: SecretDirectory;
  authorizer: Authorizer;
  place(): Promise<{ account: string; region: string }>;
  clock: Clock;
}): NearSecrets {
  const { authorizer } = deps;
  const memory = createMemory({ ttlMs: KNOWN_MS, max: 1, clock: deps.clock });

  const look = async () => {
    const [{ items }, place] = await Promise.all([deps.directory.list({ limit: MOST_NAMES }), deps.place()]);
    return items.map((summary) => ({ ...summary, ...place }));
  };

  return async (identity, secretId) => {
    if (secretId.startsWith('arn:') || !mayLook(authorizer, identity, 'listSecrets', null)) return undefined;
    try {
      const all = await memory.once('names', look);
      const alike = all.filter((summary) => mayBeMeant(secretId, summary)).slice(0, MOST_COMPARED);
      const seen = alike.filter((secret) => mayLook(authorizer, identity, 'readSecret', secret));
      return nearest(
        secretId,
        seen.map(({ name }) => name),
      );
    } catch (error) {
      // It is said besides: the answer stands without it.
      if (error instanceof DomainError) return undefined;
      throw error;
    }
  };
}

const mayBeMeant = (secretId: string, { name }: SecretSummary): boolean =>
  Math.abs(name.length - secretId.length) <= 2 || name.toLowerCase().endsWith(`/${secretId.toLowerCase()}`);
