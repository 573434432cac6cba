import type { Call } from '../call.ts';
import { AwsError } from '../protocol/errors.ts';
import type { WireCall } from '../protocol/json-protocol.ts';
import type { Store } from '../store.ts';
import { deliver } from './delivery.ts';
import { trailRecords } from './record.ts';
import { subjectOf } from './subject.ts';

/** Whether a call is one that changes a secret or a key, or tries to: only these become events. */
export const isChange = ({ service, operation }: WireCall): boolean =>
  (service === 'secretsmanager' || service === 'kms') && !/^(?:Get|List|Describe|Validate|BatchGet)/.test(operation);

/**
 * Runs a call in a transaction, and sends to the queue what CloudTrail would record of it: with the change itself, or
 * after a refusal. Who is nobody that is known here leaves no record.
 * @param queueArn where to; nothing is sent while there is no such queue
 */
export function runWithEvents(
  store: Store,
  queueArn: string,
  wire: WireCall,
  callOf: () => Call,
  run: (call: Call) => object,
): object {
  let begun: Call | undefined;
  try {
    return store.transaction(() => {
      const call = callOf();
      begun = call;
      const subject = subjectOf(call, wire);
      const answer = run(call);
      deliver(call, queueArn, trailRecords(call, wire, subject, { answer }));
      return answer;
    });
  } catch (error) {
    const call = begun;
    if (error instanceof AwsError && call !== undefined) {
      store.transaction(() => deliver(call, queueArn, trailRecords(call, wire, subjectOf(call, wire), { error })));
    }
    throw error;
  }
}
