/** A service of the AWS JSON protocol, as its requests and answers differ from others'. */
type JsonService = {
  service: 'secretsmanager' | 'kms' | 'sqs' | 'organizations' | 'cloudtrail';
  version: '1.0' | '1.1';
  /** What its exceptions call their words. */
  messageMember: 'Message' | 'message';
  maxBodyBytes: number;
  /** Error codes as the query protocol had them, in a header, and the namespace of those of JSON. */
  queryCompatible?: { namespace: string; codes: Readonly<Record<string, string>> };
};

const MiB = 1024 * 1024;

/** SQS spoke the query protocol first. Source: SQS Developer Guide, "Interpreting Amazon SQS JSON API responses". */
const SQS_CODES: Record<string, string> = {
  AccessDeniedException: 'AccessDenied',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  ExpiredTokenException: 'ExpiredToken',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  PurgeQueueInProgress: 'AWS.SimpleQueueService.PurgeQueueInProgress',
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  QueueNameExists: 'QueueAlreadyExists',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  UnrecognizedClientException: 'InvalidClientTokenId',
  UnsupportedOperation: 'AWS.SimpleQueueService.UnsupportedOperation',
  ValidationException: 'InvalidParameterValue',
};

const SECRETS_MANAGER: JsonService = {
  service: 'secretsmanager',
  version: '1.1',
  messageMember: 'Message',
  maxBodyBytes: MiB,
};
const KMS: JsonService = { service: 'kms', version: '1.1', messageMember: 'message', maxBodyBytes: MiB };
const ORGANIZATIONS: JsonService = {
  service: 'organizations',
  version: '1.1',
  messageMember: 'Message',
  maxBodyBytes: MiB,
};
const CLOUDTRAIL: JsonService = {
  service: 'cloudtrail',
  version: '1.1',
  messageMember: 'message',
  maxBodyBytes: MiB,
};
const SQS: JsonService = {
  service: 'sqs',
  version: '1.0',
  messageMember: 'message',
  // A message of 1 MiB, whose quotation marks are escaped.
  maxBodyBytes: 4 * MiB,
  queryCompatible: { namespace: 'com.amazonaws.sqs', codes: SQS_CODES },
};

/** By the part of x-amz-target before the operation; some clients write a namespace before that. */
export const JSON_SERVICES: ReadonlyMap<string, JsonService> = new Map([
  ['secretsmanager', SECRETS_MANAGER],
  ['TrentService', KMS],
  ['AmazonSQS', SQS],
  ['AWSOrganizationsV20161128', ORGANIZATIONS],
  ['CloudTrail_20131101', CLOUDTRAIL],
]);

/** Headers and body of an error. */
export function jsonError(
  service: JsonService | undefined,
  code: string,
  message: string,
  status: number,
): { headers: Record<string, string>; body: string } {
  const { messageMember = 'message', queryCompatible } = service ?? {};
  if (queryCompatible === undefined)
    return { headers: {}, body: JSON.stringify({ __type: code, [messageMember]: message }) };
  const { namespace, codes } = queryCompatible;
  return {
    headers: { 'x-amzn-query-error': `${codes[code] ?? code};${status < 500 ? 'Sender' : 'Receiver'}` },
    body: JSON.stringify({ __type: `${namespace}#${code}`, [messageMember]: message }),
  };
}
