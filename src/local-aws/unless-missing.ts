import { AwsError } from './protocol/errors.ts';

/** What a look finds; undefined where there is nothing. */
export function unlessMissing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof AwsError && /^((Resource)?NotFoundException|QueueDoesNotExist)$/.test(error.code))
      return undefined;
    throw error;
  }
}
