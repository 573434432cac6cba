/**
 * By when the next share of each ends: the service lists them by ARN.
 * @template {{ nextEnd?: string | null }} T
 * @param {readonly T[]} secrets
 */
export const soonestFirst = (secrets) => secrets.toSorted((one, other) => endOf(one) - endOf(other));

/** @param {{ nextEnd?: string | null }} secret */
const endOf = ({ nextEnd }) => (nextEnd ? Date.parse(nextEnd) : Number.POSITIVE_INFINITY);
