/** How long the write path takes something to be possible. Tests, whose calls are cut short, give their own. */
export type Timing = {
  /**
   * Milliseconds after which a write without an answer no longer lands: longer than a call to AWS with all its attempts
   * (15 s), and the last attempt of it (5 s), may take.
   */
  landedAfterMs: number;
};

export const TIMING: Timing = { landedAfterMs: 20_000 };
