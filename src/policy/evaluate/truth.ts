/**
 * Kleene's three-valued logic: what is not known stays `unknown` unless the rest decides alone. An evaluator built on
 * it never guesses: learning more can turn `unknown` into an answer, and never turns one answer into the other.
 */
export type Truth = 'yes' | 'no' | 'unknown';

export const truth = (value: boolean): Truth => (value ? 'yes' : 'no');

export const not = (value: Truth): Truth => (value === 'unknown' ? value : value === 'yes' ? 'no' : 'yes');

/** `yes` for no values at all. */
export const all = (values: readonly Truth[]): Truth =>
  values.includes('no') ? 'no' : values.includes('unknown') ? 'unknown' : 'yes';

/** `no` for no values at all. */
export const any = (values: readonly Truth[]): Truth =>
  values.includes('yes') ? 'yes' : values.includes('unknown') ? 'unknown' : 'no';
