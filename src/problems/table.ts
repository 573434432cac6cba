import { callerProblems } from './codes/caller.ts';
import { httpProblems } from './codes/http.ts';
import { policyProblems } from './codes/policy.ts';
import { recordProblems } from './codes/records.ts';
import { secretProblems } from './codes/secret.ts';
import { serviceProblems } from './codes/service.ts';
import type { Row } from './row.ts';

const rows = {
  ...httpProblems,
  ...callerProblems,
  ...secretProblems,
  ...recordProblems,
  ...policyProblems,
  ...serviceProblems,
};

/** A row's name: what callers act on, so that none is ever renamed. */
export type ProblemCode = keyof typeof rows;

/** What must be known to say a code. */
export type FactsByCode = { [Code in ProblemCode]: (typeof rows)[Code] extends Row<infer Facts> ? Facts : never };

/** What can go wrong: each code's row is all there is to it, for whoever throws it and for whoever shows it. */
export const problems: { readonly [Code in ProblemCode]: Row<FactsByCode[Code]> } = rows;

export const problemCodes = Object.keys(rows) as ProblemCode[];

export const isRetryable = (code: ProblemCode): boolean => problems[code].retry !== undefined;

/** Whether it passes by itself, within seconds. */
export const isPassing = (code: ProblemCode): boolean => typeof problems[code].retry === 'number';
