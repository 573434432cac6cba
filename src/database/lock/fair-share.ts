import { placeOf } from '../../access/write/each-place.ts';

/**
 * So many permits for secrets of many accounts and Regions. One whose holders stay keeps what it has: an account of a Region takes no
 * more than there are left for all others, half at most, and a Region three quarters of all.
 * @returns resolves to the release, to be called once; null for who waited longer than `timeoutMs`
 */
export function createFairShare(
  permits: number,
): (secretArn: string, timeoutMs: number, isIncident: boolean) => Promise<(() => void) | null> {
  const held = new Map<string, number>();
  const ofRegion = Math.ceil((permits * 3) / 4);
  /** Each in the order of asking. */
  const [incidents, others] = [new Set<Waiting>(), new Set<Waiting>()];
  /** The one whose turn it is first. */
  let lines = [incidents, others];
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
    for (let left = true; left; ) left = lines.some(handOne);
  }

  function handOne(line: Set<Waiting>): boolean {
    const entry = line.values().find(({ place }) => mayTake(place));
    if (entry === undefined) return false;
    line.delete(entry);
    if (line === lines[0]) lines = lines.toReversed();
    change(entry.place, 1);
    entry.proceed();
    return true;
  }

  return async (secretArn, timeoutMs, isIncident) => {
    const place = placeOf(secretArn);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const entry = { place, proceed: () => resolve(true) };
    const line = isIncident ? incidents : others;
    line.add(entry);
    handOut();
    const timer = setTimeout(() => {
      // Not there: its turn came in this very moment.
      if (line.delete(entry)) resolve(false);
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

type Waiting = { place: string; proceed: () => void };

const regionOf = (place: string): string => `in ${place.split(' ').at(-1)}`;
