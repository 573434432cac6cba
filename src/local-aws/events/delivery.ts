import { randomUUID } from 'node:crypto';
import { evaluateAccess } from '../../policy/evaluate/evaluate.ts';
import type { Call } from '../call.ts';
import { shownPolicy } from '../enforcement/stored-policy.ts';
import { AwsError } from '../protocol/errors.ts';
import type { QueueRecord } from '../records.ts';
import { queueArn, queueOfArn } from '../sqs/queues.ts';
import { enqueue } from '../sqs/sending.ts';
import type { TrailRecord } from './record.ts';

/** The rule that the queue's policy has to let in, of the queue's account. */
const RULE = 'secret-access-changes';

export const ruleArn = ({
  partition,
  region,
  account,
}: Pick<QueueRecord, 'partition' | 'region' | 'account'>): string =>
  `arn:${partition}:events:${region}:${account}:rule/${RULE}`;

/**
 * Sends records to a queue, as EventBridge does: those of its own account, and of the accounts in its organization, which
 * send theirs to one bus. What the queue can't or may not take is lost.
 */
export function deliver(call: Call, arn: string, records: readonly TrailRecord[]): void {
  const queue = queueOfArn(call, arn);
  if (queue === undefined || !letsIn(call, queue)) return;
  for (const record of records) {
    if (isNear(call, queue.account, record.recipientAccountId)) send(call, queue, record);
  }
}

function isNear({ accounts }: Call, account: string, other: string): boolean {
  const organization = accounts.organizationOf(account);
  return account === other || (organization !== null && accounts.organizationOf(other) === organization);
}

const letsIn = ({ directory }: Call, queue: QueueRecord): boolean =>
  evaluateAccess({
    request: {
      caller: { type: 'service', arn: '', account: '', service: 'events.amazonaws.com' },
      action: 'sqs:SendMessage',
      resource: queueArn(queue),
      resourceAccount: queue.account,
      context: {
        'aws:SourceArn': ruleArn(queue),
        'aws:SourceAccount': queue.account,
        'aws:PrincipalIsAWSService': 'true',
      },
      contextIs: 'complete',
    },
    resourcePolicy: queue.policy && shownPolicy(queue.policy, directory),
    identityPolicies: [],
  }).decision === 'allowed';

/** Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail". */
function send(call: Call, queue: QueueRecord, record: TrailRecord): void {
  const event = {
    version: '0',
    id: randomUUID(),
    'detail-type': 'AWS API Call via CloudTrail',
    source: `aws.${record.eventSource.split('.')[0]}`,
    account: record.recipientAccountId,
    time: record.eventTime,
    region: record.awsRegion,
    resources: [],
    detail: record,
  };
  try {
    enqueue(call, queue, JSON.stringify(event), 'events.amazonaws.com');
  } catch (error) {
    if (!(error instanceof AwsError)) throw error; // The queue is full.
  }
}
