import { startDeadline } from '../../turns/deadline.ts';
import { auditUnavailable } from '../errors.ts';

type Waiting<Request, Result> = {
  request: Request;
  resolve(result: Result): void;
  reject(error: unknown): void;
};

/**
 * Lets requests that arrive while a write runs share the next one, so that they share its fsync. One write at a time.
 * A request is answered within `timeoutMs`, whatever the write does.
 * @param write answers each request of a group, in its order; when it throws, every one of them fails
 * @throws DomainError audit-unavailable after `timeoutMs`. A write that had begun may still succeed: the message says so.
 */
export const createGroupCommit = <Request, Result>(options: {
  write(requests: readonly Request[]): Promise<PromiseSettledResult<Result>[]>;
  maxRequests: number;
  timeoutMs: number;
}): ((request: Request) => Promise<Result>) => {
  const { write, maxRequests, timeoutMs } = options;
  const queue: Waiting<Request, Result>[] = [];
  let writing = false;

  const drain = async () => {
    while (queue.length > 0) {
      const group = queue.splice(0, maxRequests);
      try {
        const results = await write(group.map(({ request }) => request));
        for (const [index, result] of results.entries()) {
          if (result.status === 'fulfilled') group[index]?.resolve(result.value);
          else group[index]?.reject(result.reason);
        }
      } catch (error) {
        for (const waiting of group) waiting.reject(error);
      }
    }
    writing = false;
  };

  return (request) => {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const waiting = { request, resolve, reject };
    const callOff = startDeadline(timeoutMs, () => {
      const position = queue.indexOf(waiting);
      if (position >= 0) queue.splice(position, 1);
      reject(auditUnavailable(position >= 0 ? notRecorded(timeoutMs) : perhapsRecorded(timeoutMs)));
    });
    queue.push(waiting);
    if (!writing) {
      writing = true;
      // After the requests that the event loop has at hand already: they belong to the first write.
      setImmediate(drain);
    }
    return promise.finally(callOff);
  };
};

const notRecorded = (ms: number) => `The audit journal did not answer within ${ms} ms. Nothing was recorded.`;
const perhapsRecorded = (ms: number) =>
  `The audit journal did not answer within ${ms} ms. Whether the record was kept is not known.`;
