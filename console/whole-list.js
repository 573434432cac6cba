import { useEffect, useState } from 'preact/hooks';
import { Refused } from './api.js';
import { useAsked } from './asked.js';

/**
 * A list that is gone through to its end, so that what is said of it is of all of it: `items` are shown, `all` came so far.
 * Where that would take too long it is left after some pages: then `isWhole` is false, and there are at least so many.
 * @template T
 * @typedef {{ items: T[], all: T[], isWhole: boolean, isCounting: boolean }} Whole
 */

/** Shown at first, and with each step. */
const STEP = 100;
/** What is asked for at a time to count, and how often: a page is a second of work for the service, at worst. */
const LARGE = 1_000;
const MOST_PAGES = 10;

/**
 * @template T
 * @typedef {{ of: unknown, items: T[], nextCursor: string | null, isOver: boolean, error?: unknown }} Later
 */

/**
 * @template T
 * @param {(signal: AbortSignal, page: { cursor: string | undefined, limit: number }) => Promise<{ items: T[], nextCursor: string | null }>} load
 * @param {readonly unknown[]} about
 */
export function useWholeList(load, about) {
  const asked = useAsked((signal) => load(signal, { cursor: undefined, limit: STEP }), about);
  const first = asked.data;
  const [more, setMore] = useState(/** @type {Later<T> | null} */ (null));
  const [limit, setLimit] = useState(STEP);
  const [round, setRound] = useState(0);
  const later = more?.of === first ? more : null;
  const nextCursor = (later ?? first)?.nextCursor ?? null;

  useEffect(() => setLimit(STEP), [JSON.stringify(about)]);
  useEffect(() => {
    if (first === undefined || nextCursor === null) return undefined;
    const gone = new AbortController();
    goOn(gone.signal, { of: first, items: later?.items ?? [], nextCursor, isOver: false });
    return () => gone.abort();
  }, [first, round]);

  /** @param {AbortSignal} signal @param {Later<T>} from */
  async function goOn(signal, from) {
    let reached = from;
    setMore(reached);
    try {
      for (let pages = 0; reached.nextCursor !== null && pages < MOST_PAGES; pages += 1) {
        const page = await load(signal, { cursor: reached.nextCursor, limit: LARGE });
        if (signal.aborted) return;
        reached = { ...reached, items: [...reached.items, ...page.items], nextCursor: page.nextCursor };
        setMore(reached);
      }
      setMore({ ...reached, isOver: true });
    } catch (error) {
      if (signal.aborted) return;
      setMore({ ...reached, isOver: true, error });
      if (!(error instanceof Refused)) throw error;
    }
  }

  const isCounting = nextCursor !== null && !later?.isOver;
  const all = [...(first?.items ?? []), ...(later?.items ?? [])];
  const showMore = () => {
    setLimit(limit + STEP);
    if (nextCursor !== null && !isCounting && all.length < limit + STEP) setRound(round + 1);
  };
  const data = first && { items: all.slice(0, limit), all, isWhole: nextCursor === null, isCounting };
  return { ...asked, error: asked.error ?? later?.error, data, showMore };
}
