import { useState } from 'preact/hooks';
import { Refused } from './api.js';

/** Something that somebody asks for with a button: one at a time, and what was wrong with it. */
export function useDuring() {
  const [error, setError] = useState(/** @type {unknown} */ (undefined));
  const [isBusy, setBusy] = useState(false);
  /** @param {() => Promise<void>} work */
  async function during(work) {
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (thrown) {
      setError(thrown);
      if (!(thrown instanceof Refused)) throw thrown;
    } finally {
      setBusy(false);
    }
  }
  return { error, setError, isBusy, during };
}
