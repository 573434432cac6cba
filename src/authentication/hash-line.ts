import { type Clock, isWithin } from '../clock.ts';
import { createLru } from '../lru.ts';
import { DomainError } from '../problems/problem.ts';

/** Keys of one address that wait to be hashed. */
const WAITING_OF_ONE = 16;
/** Addresses of which some wait. */
const ADDRESSES = 256;
/** Wrong keys of one address that are hashed in a minute: whoever guesses has no use for more. */
const GUESSES = 30;
const MINUTE_MS = 60_000;
/** Addresses whose guesses are counted; who was quiet the longest is forgotten first. */
const COUNTED = 10_000;

/**
 * scrypt is dear on purpose: it gets one thread and 32 MiB, never the whole machine, and addresses take turns, so that a flood of
 * wrong keys from one holds up nobody at another.
 * @param hash whose key it is; undefined for nobody's
 * @throws DomainError rate-limited, before anything is hashed, after too many wrong keys; overloaded
 */
export type HashLine = <Key>(address: string, hash: () => Promise<Key | undefined>) => Promise<Key | undefined>;

export function createHashLine(clock: Clock): HashLine {
  /** By address, the one whose turn it is first. */
  const waiting = new Map<string, (() => Promise<void>)[]>();
  const guesses = createLru<{ count: number; since: number }>(COUNTED);
  let isRunning = false;

  function guessesOf(address: string) {
    const counted = guesses.get(address, () => ({ count: 0, since: 0 }));
    const now = clock().getTime();
    if (!isWithin(MINUTE_MS, counted.since, now)) Object.assign(counted, { count: 0, since: now });
    return counted;
  }

  function assertMayGuess(address: string): void {
    const { count, since } = guessesOf(address);
    if (count < GUESSES) return;
    const retryAfter = Math.ceil((since + MINUTE_MS - clock().getTime()) / 1_000);
    throw new DomainError('rate-limited', { max: GUESSES, retryAfter });
  }

  async function runAll(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    for (let next = waiting.entries().next(); !next.done; next = waiting.entries().next()) {
      const [address, [work, ...rest]] = next.value;
      waiting.delete(address);
      if (rest.length > 0) waiting.set(address, rest);
      await work?.();
    }
    isRunning = false;
  }

  return async (address, hash) => {
    assertMayGuess(address);
    const mine = waiting.get(address) ?? [];
    if (mine.length >= WAITING_OF_ONE || (mine.length === 0 && waiting.size >= ADDRESSES)) {
      throw new DomainError('overloaded', { why: 'Too many API keys are being checked.', retryAfter: 1 });
    }
    const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<typeof hash>>>();
    const work = async () => {
      try {
        // Those before it may have been wrong.
        assertMayGuess(address);
        const found = await hash();
        if (found === undefined) guessesOf(address).count += 1;
        resolve(found);
      } catch (error) {
        reject(error);
      }
    };
    waiting.set(address, [...mine, work]);
    void runAll();
    return promise;
  };
}
