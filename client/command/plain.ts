/** Control characters, and those that turn the direction of what follows: Unicode's bidirectional ones. */
const STEERING = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** What others wrote must neither steer the terminal nor look like lines of ours. */
export const plain = (text: string): string => text.replace(STEERING, (found) => (/[\t\r\n]/.test(found) ? ' ' : '?'));

/** The same of several lines. */
export const plainLines = (text: string): string => text.split('\n').map(plain).join('\n');

/** JSON that says the same, and steers nothing; `indent` breaks its lines. */
export const plainJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent)
    .split('\n')
    .map((line) => line.replace(STEERING, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`))
    .join('\n');
