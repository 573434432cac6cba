import { MAX_POLICY_CHARACTERS } from '../../policy/document.ts';
import { DomainError } from '../../problems/problem.ts';
import { type Failure, readFailure } from './failure.ts';

/** What was asked of AWS: the IAM action (`secretsmanager:PutResourcePolicy`) and the ARN or name it was asked on. */
export type AwsRequest = { action: string; resource: string };

type Explain = (failure: Failure, request: AwsRequest) => DomainError;

/**
 * Every failure of AWS as a problem of ours, in plain words, with AWS's request id where an answer came. The original
 * stays in `cause`. A DomainError passes as it is. `uncertain` says that a change may have happened all the same.
 */
export function toDomainError(error: unknown, request: AwsRequest, uncertain = false): DomainError {
  if (error instanceof DomainError) return uncertain ? error.with({ uncertain, cause: error }) : error;
  const failure = readFailure(error);
  return explanationOf(failure)(failure, request).with({
    cause: error,
    awsRequestId: failure.requestId,
    awsError: failure.requestId === undefined ? undefined : failure.name,
    ...(uncertain && { uncertain }),
  });
}

/** Whether it is what AWS answered by this name. */
export const isAnswer = (error: unknown, name: string): error is DomainError =>
  error instanceof DomainError && error.facts.awsError === name;

function explanationOf(failure: Failure): Explain {
  // First: to the SDK a LimitExceededException is a throttle; of KMS it is a quota that is used up.
  const known = byName.get(failure.name);
  if (known !== undefined) return known;
  if (failure.isThrottling) return throttled;
  if (failure.isOfAnother) return answeredByAnother;
  return failure.isUnreachable ? unreachable : unexpected;
}

const throttled: Explain = (_, { action }) => new DomainError('aws-throttled', { action });
const unreachable: Explain = (_, { action }) => new DomainError('aws-unreachable', { action });
/** A 5xx of a gateway passes; anything else (a portal to sign in at, a firewall) somebody must see to. */
const answeredByAnother: Explain = ({ status: inItsPlace = 0 }, { action }) =>
  inItsPlace >= 500
    ? new DomainError('aws-unreachable', { action, inItsPlace })
    : new DomainError('aws-error', { action, inItsPlace });
const unexpected: Explain = ({ status = 0 }, { action }) =>
  new DomainError('aws-error', { action, failed: status >= 500 });

/** AWS names the action that was missing, which can be another than the one we called (Validate also needs Put). */
const accessDenied: Explain = ({ message }, { action, resource }) =>
  new DomainError('aws-access-denied', {
    missing: /not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)/.exec(message)?.[1] ?? action,
    resource,
    explicitly: message.includes('explicit deny'),
    denyIn: /explicit deny in an? ([a-z -]+)/.exec(message)?.[1]?.trim(),
    caller: /User: (arn:\S+) is not authorized/.exec(message)?.[1],
  });

const badCredentials: Explain = () => new DomainError('aws-access-denied', { credentials: 'refused' });

const secretNotFound: Explain = (_, { resource }) => new DomainError('secret-not-found', { secretId: resource });

/** One name for several states of a secret; only the message tells which. */
const invalidRequest: Explain = (failure, request) => {
  const { message } = failure;
  const secretId = request.resource;
  if (/deletion|deleted/i.test(message)) return new DomainError('secret-pending-deletion', { secretId });
  if (IS_REPLICA.test(message)) return replica(failure, request);
  if (/managed|owning service|owned by/i.test(message)) {
    return new DomainError('secret-managed-by-service', { secretId, message: clip(message) });
  }
  return unexpected(failure, request);
};

const IS_REPLICA = /on a replica secret|primary secret's region/i;
const replica: Explain = (_, { resource }) => new DomainError('secret-is-replica', { secretId: resource });

/** The one message of AWS for a typing error, a principal of another partition, and one created seconds ago. */
export const namesUnknownPrincipal = (message: string): boolean => /(unsupported|invalid) principal/i.test(message);

const malformedPolicy: Explain = ({ message }) =>
  namesUnknownPrincipal(message)
    ? new DomainError('principal-not-found')
    : new DomainError('policy-malformed', { by: 'aws', message: clip(message) });

const publicPolicy: Explain = () => new DomainError('policy-public');

const invalidParameter: Explain = (failure, request) => {
  const { message } = failure;
  if (IS_REPLICA.test(message)) return replica(failure, request);
  if (/resource_?policy/i.test(message) && /length/i.test(message)) {
    return new DomainError('policy-too-large', { limit: MAX_POLICY_CHARACTERS });
  }
  return new DomainError('validation-failed', { why: `AWS refuses a parameter: ${clip(message)}` });
};

const badCursor: Explain = () =>
  new DomainError('validation-failed', {
    why: 'The cursor is not one that this list gave, or it is too old. Start again without it.',
  });

const quotaReached: Explain = (_, { action, resource }) =>
  new DomainError('aws-error', {
    why: `A quota of AWS is used up: ${action} on ${resource} needs it raised, or something removed.`,
  });

const unusableKey: Explain = (_, { resource }) => new DomainError('kms-key-not-shareable', { unusable: resource });

/** KMS names the grantee of a grant like this when it does not know it (KMS API Reference, CreateGrant). */
const invalidArn: Explain = (failure, request) =>
  request.action === 'kms:CreateGrant' ? new DomainError('principal-not-found') : unusableKey(failure, request);

const byName = new Map<string, Explain>([
  ['ResourceNotFoundException', secretNotFound],
  ['InvalidRequestException', invalidRequest],
  ['MalformedPolicyDocumentException', malformedPolicy],
  ['PublicPolicyException', publicPolicy],
  ['InvalidParameterException', invalidParameter],
  ['ValidationException', invalidParameter],
  ['InvalidNextTokenException', badCursor],
  ['LimitExceededException', quotaReached],
  ['NotFoundException', unusableKey],
  ['DisabledException', unusableKey],
  ['KMSInvalidStateException', unusableKey],
  ['InvalidArnException', invalidArn],
  ['AccessDenied', accessDenied],
  ['AccessDeniedException', accessDenied],
  ['UnauthorizedOperation', accessDenied],
  ...[
    'AuthFailure',
    'CredentialsProviderError',
    'ExpiredToken',
    'ExpiredTokenException',
    'IncompleteSignature',
    'IncompleteSignatureException',
    'InvalidAccessKeyId',
    'InvalidClientTokenId',
    'InvalidSignatureException',
    'MissingAuthenticationToken',
    'MissingAuthenticationTokenException',
    'RequestExpired',
    'RequestTimeTooSkewed',
    'SignatureDoesNotMatch',
    'UnrecognizedClientException',
  ].map((name): [string, Explain] => [name, badCredentials]),
]);

/** AWS may repeat the whole parameter in a message. */
const clip = (message: string): string => (message.length > 300 ? `${message.slice(0, 300)}…` : message);
