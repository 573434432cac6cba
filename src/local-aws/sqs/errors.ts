import { AwsError } from '../protocol/errors.ts';

/** SQS's errors, by the names of its JSON protocol. Source: SQS API Reference. */
export const queueDoesNotExist = () => new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');

export const invalidAttribute = (name: string, reason = '') =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.${reason && ` Reason: ${reason}`}`);

export const invalidParameterValue = (message: string) => new AwsError('InvalidParameterValue', message);

export const unsupported = (what: string) =>
  new AwsError('UnsupportedOperation', `The local stand-in does not support ${what}.`);
