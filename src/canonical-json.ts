import canonicalize from 'canonicalize';

/**
 * RFC 8785 canonical JSON: one text for equal values, whatever the order of their keys, so that it can be hashed and
 * compared. `undefined` is left out of objects, and is `null` elsewhere.
 * @throws Error for what JSON can't carry: half a surrogate pair, NaN, a cycle
 */
export const canonicalJson = (value: unknown): string => canonicalize(value) ?? 'null';
