import type { Problem } from '../index.ts';

/** How a command ends. */
export const EXIT = { done: 0, failed: 1, refused: 2, pending: 3, notEmpty: 4 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** The service said no, or could not. */
export class Refused extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'Refused';
    this.problem = problem;
  }
}

type Answer<Data> = { data?: Data; error?: unknown; response: Response };

/** What the service answered. @throws Refused; Error for an answer that is none of the service's */
export async function answered<Data>(call: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await call;
  if (isProblem(error)) throw new Refused(error);
  if (data === undefined || !response.ok)
    throw new Error(
      `${response.url} answered ${response.status}, and not as this service does. Is SECRET_ACCESS_URL right?`,
    );
  return data;
}

const isProblem = (error: unknown): error is Problem =>
  typeof error === 'object' && error !== null && 'code' in error && 'detail' in error;

/** Refused is what asked for again would be no better: the same for all that is wrong with the request. */
export const exitOf = ({ status, retryable }: Problem): Exit =>
  status < 500 && !retryable ? EXIT.refused : EXIT.failed;
