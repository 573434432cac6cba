import type { Call, LocalCaller } from '../call.ts';
import type { TrailEntry } from '../cloudtrail/trail.ts';
import { AwsError } from '../protocol/errors.ts';
import type { WireCall } from '../protocol/json-protocol.ts';
import type { Store } from '../store.ts';
import { deliver } from './delivery.ts';
import { isChange, type Outcome, type Subject, type TrailRecord, trailRecords } from './record.ts';
import { subjectOf } from './subject.ts';

/** Whether a call is recorded: one that changes a secret or a key, reads a secret's value, or tries to. */
export const isRecorded = (wire: WireCall): boolean =>
  isChange(wire) || (wire.service === 'secretsmanager' && wire.operation.endsWith('GetSecretValue'));

/**
 * Runs a call in a transaction and records it as CloudTrail would, with the change itself or after a refusal; changes are
 * sent to the queue too. Who is nobody that is known here leaves no record.
 * @param queueArn where to; nothing is sent while there is no such queue
 */
export function runRecorded(
  store: Store,
  queueArn: string | undefined,
  wire: WireCall,
  callOf: () => Call,
  run: (call: Call) => object,
): object {
  let begun: Call | undefined;
  const record = (call: Call, subject: Subject, outcome: Outcome) => {
    const records = trailRecords(call, wire, subject, outcome);
    for (const one of records) store.trail.add(entryOf(call, one));
    if (queueArn !== undefined && isChange(wire)) deliver(call, queueArn, records);
  };
  try {
    return store.transaction(() => {
      const call = callOf();
      begun = call;
      const subject = subjectOf(call, wire);
      const answer = run(call);
      record(call, subject, { answer });
      return answer;
    });
  } catch (error) {
    const call = begun;
    if (error instanceof AwsError && call !== undefined) {
      store.transaction(() => record(call, subjectOf(call, wire), { error }));
    }
    throw error;
  }
}

/** A record, and what LookupEvents finds it by. Another account does not learn who called. */
function entryOf({ caller }: Call, record: TrailRecord): TrailEntry {
  const { recipientAccountId, resources: [resource] = [] } = record;
  const isOwn = recipientAccountId === caller.account;
  return {
    account: recipientAccountId,
    region: record.awsRegion,
    time: Date.parse(record.eventTime) / 1000,
    AccessKeyId: isOwn ? caller.accessKeyId : null,
    EventId: record.eventID,
    EventName: record.eventName,
    EventSource: record.eventSource,
    ReadOnly: String(record.readOnly),
    ResourceName: resource?.ARN ?? null,
    ResourceType: resource?.type ?? null,
    Username: isOwn ? userNameOf(caller) : null,
    record: JSON.stringify(record),
  };
}

/** Of a role's session its name. */
const userNameOf = ({ type, principal, userId }: LocalCaller): string =>
  type === 'user' ? principal.name : (userId.split(':')[1] ?? '');
