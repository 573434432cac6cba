import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Refused } from './api.js';
import { callers } from './session.js';

/**
 * What a page asked for, and how far that is. What came before stays while it is asked for again.
 * @template T
 * @typedef {{ data?: T, error?: unknown, waiting: boolean, at?: Date, again: () => void }} Asked
 */

/** A module of the console that does not come: of a release that is gone, it may be. */
export class Moved extends Error {}

/**
 * Asks when the page comes, when what it is about changes, when somebody else signs in, and on `again()`.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @param {readonly unknown[]} about another: the data of before goes
 * @returns {Asked<T>}
 */
export function useAsked(load, about) {
  const [state, setState] = useState(/** @type {Omit<Asked<T>, 'again'>} */ ({ waiting: true }));
  const [attempt, setAttempt] = useState(0);
  const subject = JSON.stringify(about);
  const shown = useRef(subject);

  useEffect(() => {
    const gone = new AbortController();
    const isSame = shown.current === subject;
    shown.current = subject;
    setState((before) => ({ ...(isSame && { data: before.data, at: before.at }), waiting: true }));
    load(gone.signal).then(
      (data) => gone.signal.aborted || setState({ data, at: new Date(), waiting: false }),
      (error) => {
        if (gone.signal.aborted) return;
        setState((before) => ({ ...before, error, waiting: false }));
        if (!(error instanceof Refused || error instanceof Moved)) reportError(error);
      },
    );
    return () => gone.abort();
  }, [subject, attempt, callers.value]);

  const again = useCallback(() => setAttempt((before) => before + 1), []);
  return { ...state, again };
}

/**
 * A list, page by page.
 * @template T
 * @param {(signal: AbortSignal, cursor: string | undefined) => Promise<{ items: T[], nextCursor: string | null }>} load
 * @param {readonly unknown[]} about
 */
export function useList(load, about) {
  const asked = useAsked((signal) => load(signal, undefined), about);
  const [more, setMore] = useState(/** @type {{ of: unknown, items: T[], nextCursor: string | null } | null} */ (null));
  const [isAsking, setAsking] = useState(false);
  const [failed, setFailed] = useState(/** @type {{ of: unknown, error: unknown } | null} */ (null));
  const first = asked.data;
  const later = more !== null && more.of === first ? more : { items: [], nextCursor: first?.nextCursor ?? null };

  async function showMore() {
    setAsking(true);
    setFailed(null);
    try {
      const page = await load(AbortSignal.timeout(60_000), later.nextCursor ?? undefined);
      setMore({ of: first, items: [...later.items, ...page.items], nextCursor: page.nextCursor });
    } catch (error) {
      setFailed({ of: first, error });
      if (!(error instanceof Refused)) throw error;
    } finally {
      setAsking(false);
    }
  }
  const error = asked.error ?? (failed?.of === first ? failed?.error : undefined);
  const data = first && { items: [...first.items, ...later.items], hasMore: later.nextCursor !== null };
  return { ...asked, error, data, showMore, isAsking };
}
