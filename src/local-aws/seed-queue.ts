import { ruleArn } from './events/delivery.ts';
import type { LocalAws } from './local-aws.ts';
import { unlessMissing } from './unless-missing.ts';

const NAME = 'secret-access-events';
const PLACE = { partition: 'aws', region: 'us-east-1', account: '111111111111' };
const arnOf = (name: string): string => `arn:aws:sqs:${PLACE.region}:${PLACE.account}:${name}`;

/** The demo's queue of change events, in the service's own account. */
export const EVENTS_QUEUE = arnOf(NAME);

/** That queue, which only the rule may send to, with its dead-letter queue. Made once; what is there stays. */
export function seedEventsQueue(local: LocalAws): void {
  const call = (operation: string, input: object) => local.call('LOCALOWNER', PLACE.region, 'sqs', operation, input);
  const create = (QueueName: string, Attributes: object) => call('CreateQueue', { QueueName, Attributes });
  if (unlessMissing(() => call('GetQueueUrl', { QueueName: NAME })) !== undefined) return;
  const dead = `${NAME}-dead`;
  if (unlessMissing(() => call('GetQueueUrl', { QueueName: dead })) === undefined) {
    create(dead, { MessageRetentionPeriod: '1209600' });
  }
  create(NAME, {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount: 5 }),
    Policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'ChangesOfTheOrganization',
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: EVENTS_QUEUE,
          Condition: { ArnEquals: { 'aws:SourceArn': ruleArn(PLACE) } },
        },
      ],
    }),
  });
}
