/** Milliseconds without news after which who watches is told that all is well, since proxies close silent connections. */
export const SILENCE_MS = 15_000;

/** Milliseconds that one may watch; who is still there then comes again. */
export const WATCHED_MS = 15 * 60_000;
