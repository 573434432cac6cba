import type { AuditJournal } from '../access/write/audit-journal.ts';
import type { ChangeCommand } from '../access/write/change.ts';
import type { PolicyChanger } from '../access/write/change-policy.ts';
import type { SecretLock } from '../access/write/secret-lock.ts';
import type { Call, Middleware } from '../aws/call.ts';
import { parseArn } from '../policy/arn.ts';
import type { Around, StepFacts } from './step.ts';

/** What follows wraps a port: it tells `around` what the port does, and does just what the port did. */

/** @param ownRegion where a resource is that is given by its name */
export const watchCalls =
  (call: Call, around: Around, ownRegion: string): Call =>
  (facts, command, send) => {
    const region = parseArn(facts.resource)?.region || ownRegion;
    const step = { name: 'aws call', operation: facts.action, facts: { 'cloud.region': region } } as const;
    return around(step, ({ note, traceparent }) => {
      if (traceparent !== undefined) command.middlewareStack.addRelativeTo(sendHeader(traceparent), AFTER_SIGNING);
      return call(facts, command, async (limits) => {
        try {
          const output = await send(limits);
          note(factsOf(output));
          return output;
        } catch (error) {
          note(factsOf(error));
          throw error;
        }
      });
    });
  };

export const watchJournal = <Journal extends AuditJournal>(journal: Journal, around: Around): Journal => ({
  ...journal,
  append(drafts) {
    if (drafts.length === 0) return journal.append(drafts);
    return around({ name: 'audit append', facts: { 'audit.events': drafts.length } }, () => journal.append(drafts));
  },
});

/** The wait alone, not what is done with the lock. */
export const watchLock = (lock: SecretLock, around: Around): SecretLock => ({
  withLock(secretArn, work) {
    const wait = Promise.withResolvers<void>();
    const done = lock.withLock(secretArn, (held) => {
      wait.resolve();
      return work(held);
    });
    // Once the work has begun the wait is over, and this changes nothing.
    done.catch(wait.reject);
    // A failure is for the caller, who gets it from `done`.
    around({ name: 'lock wait' }, () => wait.promise).catch(() => {});
    return done;
  },
});

export const watchCycle =
  (around: Around) =>
  <T>(batch: readonly ChangeCommand[], cycle: () => Promise<T>): Promise<T> =>
    around({ name: 'cycle', facts: { 'cycle.changes': batch.length }, causes: batch }, cycle);

/** @param remember is told of each change in the context of the request that asks for it */
export const watchChanger = (changer: PolicyChanger, remember: (command: object) => void): PolicyChanger => ({
  get depth() {
    return changer.depth;
  },
  close: () => changer.close(),
  change(command) {
    remember(command);
    return changer.change(command);
  },
});

/** Not signed: a mesh on the way may write a header of its own in its place. */
const AFTER_SIGNING = { name: 'traceparent', relation: 'after', toMiddleware: 'httpSigningMiddleware' } as const;

const sendHeader =
  (traceparent: string): Middleware =>
  (next) =>
  (args) => {
    (args as { request: { headers: Record<string, string> } }).request.headers['traceparent'] = traceparent;
    return next(args);
  };

/** What AWS's answer, or the SDK's error, says of itself. */
function factsOf(result: unknown): StepFacts {
  const { $metadata = {} } = (result ?? {}) as { $metadata?: Metadata };
  const { requestId, attempts, httpStatusCode } = $metadata;
  return {
    ...(requestId !== undefined && { 'aws.request_id': requestId }),
    ...(httpStatusCode !== undefined && { 'http.response.status_code': httpStatusCode }),
    ...(attempts !== undefined && attempts > 1 && { 'http.request.resend_count': attempts - 1 }),
  };
}
type Metadata = { requestId?: string; attempts?: number; httpStatusCode?: number };
