import type { Call } from '../call.ts';
import type { AwsOperation } from '../protocol/input.ts';
import { queueOperations } from './queue-operations.ts';
import { receivingOperations } from './receiving.ts';
import { sendingOperations } from './sending.ts';
import { settlingOperations } from './settling.ts';

/** Amazon Simple Queue Service: standard queues. */
export const sqsOperations: Record<string, AwsOperation<Call>> = {
  ...queueOperations,
  ...sendingOperations,
  ...receivingOperations,
  ...settlingOperations,
};
