import type { Bed } from './bed.ts';

/** One row of docs/aws-facts.md, and how it is tried. */
export type Fact = {
  /** How the row begins: so that the table stays the only place where facts are written. */
  row: string;
} & (
  | {
      /** What is seen when the fact holds. */
      expected: string;
      /** Why it can't be tried on these accounts; undefined where it can. */
      unless?: (bed: Bed) => string | undefined;
      /** Tries it with resources of its own, and says what was seen in the words of `expected`. */
      try: (bed: Bed) => Promise<string>;
    }
  | {
      /** Why not on any. */
      untried: string;
    }
);

/** How a call ended: `works`, or the name of the error. */
export const outcome = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'works',
    (error: Error) => error.name,
  );

export type Statement = Record<string, unknown>;

export const policyOf = (...Statement: Statement[]): string => JSON.stringify({ Version: '2012-10-17', Statement });

export const allow = (AWS: string, Action: string | string[], extra: Statement = {}): Statement => ({
  Effect: 'Allow',
  Principal: { AWS },
  Action,
  Resource: '*',
  ...extra,
});
