/**
 * The texts that one value may be, where it is not known which: those for which one of the globs stands (`*`, `?`), less
 * those for which one of `except` does. Never empty.
 */
export type TextSet = { globs: readonly string[]; except?: readonly string[] };

/** The value of a condition key: one text, or one of many. */
export type Value = string | TextSet;

/** A text of it, for what all of them have in common. */
export const oneOf = (value: Value): string => (typeof value === 'string' ? value : (value.globs[0] ?? ''));
