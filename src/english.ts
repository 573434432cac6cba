/**
 * Numbers, dates and lists as our sentences have them. Node's Intl would read locale data from its file for each of them: 8 MB
 * of a process, for good.
 */

/** `a, b and c` */
export const listed = (texts: readonly string[]): string =>
  texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;

/** `20,480` */
export const counted = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec'];

const dateOf = (time: Date): string => `${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]} ${time.getUTCFullYear()}`;

/** `1 Dec 2026 UTC` */
export const dayOf = (time: Date): string => `${dateOf(time)} UTC`;

/** `1 Dec 2026, 09:05 UTC` */
export const minuteOf = (time: Date): string => `${dateOf(time)}, ${time.toISOString().slice(11, 16)} UTC`;
