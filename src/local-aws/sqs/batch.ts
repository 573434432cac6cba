import { AwsError } from '../protocol/errors.ts';

type Failed = { Id: string; SenderFault: boolean; Code: string; Message: string };

/**
 * Each entry of a batch by itself: one that fails stops none of the others. `check` is of the batch as a whole.
 * Source: SQS API Reference, SendMessageBatch and its siblings.
 * @throws AwsError EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId, BatchEntryIdsNotDistinct
 */
export function inBatch<E extends { Id: string }>(
  entries: readonly E[],
  run: (entry: E) => object,
  check: () => void = () => undefined,
): { Successful: object[]; Failed: Failed[] } {
  refuseBatch(entries);
  check();
  const Successful: object[] = [];
  const Failed: Failed[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}

function refuseBatch(entries: readonly { Id: string }[]): void {
  if (entries.length === 0) {
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > 10) {
    const message = `Maximum number of entries per request are 10. You have sent ${entries.length}.`;
    throw new AwsError('TooManyEntriesInBatchRequest', message);
  }
  if (!entries.every(({ Id }) => /^[\w-]{1,80}$/.test(Id))) {
    const message =
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.';
    throw new AwsError('InvalidBatchEntryId', message);
  }
  const repeated = entries.find(({ Id }, index) => entries.findIndex((other) => other.Id === Id) < index);
  if (repeated !== undefined) throw new AwsError('BatchEntryIdsNotDistinct', `Id ${repeated.Id} repeated.`);
}
