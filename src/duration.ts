/** A length of time as people write it: `30m`, `12h`, `30d`, `4w`. */
export const DURATION = '^[1-9][0-9]{0,3}[mhdw]$';

const MINUTE_MS = 60_000;
const UNITS: Readonly<Record<string, number>> = {
  m: MINUTE_MS,
  h: 60 * MINUTE_MS,
  d: 24 * 60 * MINUTE_MS,
  w: 7 * 24 * 60 * MINUTE_MS,
};

/** Milliseconds of what has the form of DURATION. */
export const durationMs = (text: string): number => Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? Number.NaN);
