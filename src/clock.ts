/** What time it is: tests and local mode give their own. Whoever needs the time takes one of these, named `clock`. */
export type Clock = () => Date;

/**
 * Whether less time went by since then. What happened later than now did so before the clock was put back: that is long ago, or what
 * is remembered would be taken for fresh until the clock is there again.
 * @param ms milliseconds @param since,now milliseconds since 1970
 */
export const isWithin = (ms: number, since: number, now: number): boolean => since <= now && now - since < ms;
