import { placeOf } from '../../access/write/each-place.ts';

/**
 * So many permits for secrets of many accounts and Regions. One whose holders stay keeps what it has: an account of a Region takes no
 * more than there are left for all others, half at most, and a Region three quarters of all.
 * @returns resolves to the release, to be called once; null for who waited longer than `timeoutMs`
 */
export function createFairShare(
  permits: number,
): (secretArn: string, timeoutMs: number) => Promise<(() => void) | null> {
  const held = new Map<string, number>();
  const ofRegion = Math.ceil((permits * 3) / 4);
  /** In the order of asking. */
  const waiting = new Set<{ place: string; proceed: () => void }>();
  let free = permits;

  const countOf = (name: string): number => held.get(name) ?? 0;
  const mayTake = (place: string): boolean => countOf(place) < free && countOf(regionOf(place)) < ofRegion;

  function change(place: string, by: 1 | -1): void {
    free -= by;
    for (const name of [place, regionOf(place)]) {
      const now = countOf(name) + by;
      if (now === 0) held.delete(name);
      else held.set(name, now);
    }
  }

  function handOut(): void {
    for (const entry of waiting) {
      if (!mayTake(entry.place)) continue;
      waiting.delete(entry);
      change(entry.place, 1);
      entry.proceed();
    }
  }

  return async (secretArn, timeoutMs) => {
    const place = placeOf(secretArn);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const entry = { place, proceed: () => resolve(true) };
    waiting.add(entry);
    handOut();
    const timer = setTimeout(() => {
      // Not there: its turn came in this very moment.
      if (waiting.delete(entry)) resolve(false);
    }, timeoutMs);
    const got = await promise;
    clearTimeout(timer);
    if (!got) return null;
    return () => {
      change(place, -1);
      handOut();
    };
  };
}

const regionOf = (place: string): string => `in ${place.split(' ').at(-1)}`;
