import { useRef, useState } from 'preact/hooks';
import { Refused } from './api.js';

/**
 * Something that somebody asks for with a button: one at a time, and what was wrong with it. Whoever waits for too long stops:
 * then it is as if no answer had come, and what was asked may be done all the same.
 */
export function useDuring() {
  const [error, setError] = useState(/** @type {unknown} */ (undefined));
  const [isBusy, setBusy] = useState(false);
  const stopping = useRef(/** @type {AbortController | null} */ (null));
  /** @param {(signal: AbortSignal) => Promise<void>} work it asks by this signal */
  async function during(work) {
    if (isBusy) return;
    const stop = new AbortController();
    stopping.current = stop;
    setBusy(true);
    setError(undefined);
    try {
      await work(stop.signal);
    } catch (thrown) {
      const refusal = stop.signal.aborted ? new Refused(null) : thrown;
      setError(refusal);
      if (!(refusal instanceof Refused)) throw thrown;
    } finally {
      setBusy(false);
    }
  }
  return { error, setError, isBusy, during, onStop: () => stopping.current?.abort() };
}
