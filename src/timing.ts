/** How long something is taken to be possible, or waited for. Tests, whose calls are cut short or whose machines are slow, give their own. */
export type Timing = {
  /**
   * Milliseconds after which a write without an answer no longer lands: longer than a call to AWS with all its attempts
   * (15 s), and the last attempt of it (5 s), may take.
   */
  landedAfterMs: number;
  /** Milliseconds after which a policy that was read may have been changed by somebody else: it is read again before it is replaced. */
  rereadAfterMs: number;
  /** Milliseconds that a look waits for a reader's own policies, and for the organization's. */
  ownSideMs: number;
};

export const TIMING: Timing = { landedAfterMs: 20_000, rereadAfterMs: 50, ownSideMs: 3_000 };
