import { type Statement, testsOf } from '../../../policy/document.ts';
import { perStatement } from '../../../policy/per-document.ts';

/** When something is looked at; `from`: what to say of what is so from then on, null for now. */
type Moment = { now: Date; from: string | null };

/**
 * Now, and of each date to come with which statements compare the time that second and the next: AWS’s time has whole seconds,
 * so that between those nothing changes by itself.
 */
export function momentsIn(statements: readonly Statement[], now: Date): [Moment, ...Moment[]] {
  const dates = [...new Set(statements.flatMap(datesIn))];
  const froms = new Map([
    ...dates.map((date) => [date + 1, date] as const),
    ...dates.map((date) => [date, date] as const),
  ]);
  const later = [...froms]
    .filter(([second]) => second * 1_000 > now.getTime() && second < LAST)
    .toSorted(([one], [other]) => one - other)
    .map(([second, date]): Moment => ({ now: new Date(second * 1_000), from: `From ${rfc3339(date)} on.` }));
  return [{ now, from: null }, ...later];
}

/** The first second of the year 10000, which no date of a policy has. */
const LAST = 253_402_300_800;

const rfc3339 = (second: number): string => new Date(second * 1_000).toISOString().replace('.000Z', 'Z');

/** Seconds since 1970. */
const datesIn = perStatement((statement): number[] =>
  testsOf(statement)
    .filter(({ key }) => /^aws:(CurrentTime|EpochTime)$/i.test(key))
    .flatMap(({ values }) => values.flatMap((value) => [Number(value), Date.parse(value) / 1_000]))
    .filter(Number.isFinite)
    .map(Math.floor),
);
