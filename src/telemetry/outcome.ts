import { DomainError } from '../problems/problem.ts';

/** How a step ended, in a bounded set of words: a problem code, or `error`. */
export const outcomeOf = (error: unknown): string => (error instanceof DomainError ? error.code : 'error');
