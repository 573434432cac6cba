import type { PoolClient, QueryConfig } from 'pg';
import { startDeadline } from '../../turns/deadline.ts';

/**
 * Gives a query up after its `query_timeout`, and closes the connection, which still waits for the answer. pg's own limit
 * leaves the connection to whoever the pool gives it next, and after a stall of our event loop misses what lies in the
 * socket.
 * @param answerWithin milliseconds for a query that says no other; none without it
 */
export function limitQueries(client: PoolClient, answerWithin: number | undefined): void {
  const query = client.query.bind(client) as (...parameters: unknown[]) => unknown;
  const limited = (first: unknown, ...others: unknown[]) => {
    const { query_timeout: milliseconds = answerWithin, ...config }: Timed = isTimed(first) ? first : {};
    const answer = query(isTimed(first) ? config : first, ...others);
    if (!(answer instanceof Promise) || milliseconds === undefined) return answer;
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const callOff = startDeadline(milliseconds, () => {
      reject(new Error(`The database did not answer a query within ${milliseconds} ms.`));
      void client.end();
    });
    return Promise.race([answer, tooLate]).finally(callOff);
  };
  client.query = limited as typeof client.query;
}

/** A query with a limit of its own, in milliseconds. pg's types do not know of it. */
export type TimedQuery = QueryConfig & { query_timeout: number };
type Timed = Partial<TimedQuery>;
const isTimed = (query: unknown): query is Timed =>
  typeof query === 'object' && query !== null && 'query_timeout' in query;
