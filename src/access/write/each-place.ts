import { parseArn } from '../../policy/arn.ts';

/**
 * Works on secrets one after another within an account and Region, and on some of those at once: one that does not answer
 * holds up no other.
 */
export async function eachPlaceAtOnce<T>(
  items: readonly T[],
  arnOf: (item: T) => string,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const lines = Map.groupBy(items, (item) => placeOf(arnOf(item))).values();
  const takeLines = async () => {
    for (const line of lines) for (const item of line) await work(item);
  };
  await Promise.all(Array.from({ length: PLACES_AT_ONCE }, takeLines));
}

/** Each may hold a connection to the database, for the lock of a secret. */
const PLACES_AT_ONCE = 8;

/** A name, or what is no ARN, is in our own account and Region. */
export function placeOf(secretId: string): string {
  const arn = secretId.startsWith('arn:') ? parseArn(secretId) : undefined;
  return arn === undefined ? '' : `${arn.account} ${arn.region}`;
}
