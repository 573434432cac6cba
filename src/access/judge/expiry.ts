import { type Statement, testsOf } from '../../policy/document.ts';

/** When the last of these statements stops to apply; null when one does not. */
export function lastExpiry(statements: readonly Statement[]): Date | null {
  const ends = statements.map(expiryOf);
  return ends.includes(Number.POSITIVE_INFINITY) || ends.length === 0 ? null : new Date(Math.max(...ends));
}

/** Milliseconds since 1970; infinite without an end. Every key of a condition must hold, and one of its values. */
function expiryOf(statement: Statement): number {
  const ends = testsOf(statement).flatMap(({ operator, key, values }) =>
    /^DateLessThan(Equals)?$/.test(operator) && /^aws:(CurrentTime|EpochTime)$/i.test(key)
      ? [Math.max(...values.map(millisecondsOf))]
      : [],
  );
  return Math.min(Number.POSITIVE_INFINITY, ...ends);
}

/** A date (four digits are a year), or seconds since 1970; infinite for what can't be read. */
function millisecondsOf(value: string): number {
  const time = /^\d{5,}$/.test(value) ? Number(value) * 1000 : Date.parse(value);
  return Number.isNaN(new Date(time).getTime()) ? Number.POSITIVE_INFINITY : time;
}
