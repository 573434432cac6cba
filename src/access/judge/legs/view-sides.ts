import type { Clock } from '../../../clock.ts';
import type { Identity } from '../../identity.ts';
import type { Reader } from '../reader.ts';
import { type LegExaminer, NOT_LOOKED_AT, type ReaderSide, UNSEEN_SIDE } from './legs.ts';

/** The most readers of one list whose side is looked at, so many at once, for so long until no more is begun. */
const MOST = 50;
const AT_ONCE = 4;
const MOST_MS = 10_000;

/** What somebody may be told of the accounts of a list of readers, each of whom may take some calls: of a long list, of the first. */
export async function viewSides(
  { sideOf, looksAtReaders }: Pick<LegExaminer, 'sideOf' | 'looksAtReaders'>,
  readers: readonly Reader[],
  { toldTo, clock }: { toldTo: Identity; clock: Clock },
): Promise<(reader: Reader) => ReaderSide> {
  if (!looksAtReaders) return () => UNSEEN_SIDE;
  const end = clock().getTime() + MOST_MS;
  const waiting = readers.slice(0, MOST);
  const seen = new Map<Reader, ReaderSide>();
  const goOn = async () => {
    for (let reader = waiting.shift(); reader !== undefined; reader = waiting.shift()) {
      seen.set(reader, clock().getTime() > end ? NOT_LOOKED_AT : await sideOf(reader, toldTo));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, goOn));
  return (reader) => seen.get(reader) ?? NOT_LOOKED_AT;
}
