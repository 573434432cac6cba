import { DomainError, type ProblemCode } from '../problems/problem.ts';
import { type Failure, readFailure } from './failure.ts';

/** What was asked of AWS: the IAM action (`secretsmanager:PutResourcePolicy`) and the ARN or name it was asked on. */
export type AwsRequest = { action: string; resource: string };

type Explain = (failure: Failure, request: AwsRequest) => { code: ProblemCode; message: string; retryAfter?: number };

/**
 * Every failure of AWS as a problem of ours, in plain words, with AWS's request id where an answer came. The original
 * stays in `cause`. A DomainError passes as it is. `uncertain` says that a change may have happened all the same.
 */
export function toDomainError(error: unknown, request: AwsRequest, uncertain = false): DomainError {
  if (error instanceof DomainError) {
    return uncertain ? new DomainError(error.code, error.message, { ...error.facts, uncertain, cause: error }) : error;
  }
  const failure = readFailure(error);
  const { code, message, retryAfter } = explanationOf(failure)(failure, request);
  return new DomainError(code, message, {
    cause: error,
    ...(failure.requestId !== undefined && { awsRequestId: failure.requestId }),
    ...(failure.status !== undefined && { extensions: { awsError: failure.name } }),
    ...(retryAfter !== undefined && { retryAfter }),
    ...(uncertain && { uncertain }),
  });
}

function explanationOf(failure: Failure): Explain {
  // First: to the SDK a LimitExceededException is a throttle; of KMS it is a quota that is used up.
  const known = byName.get(failure.name);
  if (known !== undefined) return known;
  if (failure.isThrottling) return throttled;
  return failure.isUnreachable ? unreachable : unexpected;
}

const throttled: Explain = (_, { action }) => ({
  code: 'aws-throttled',
  message: `AWS allows no more ${action} calls just now. Try again shortly.`,
  retryAfter: 1,
});

const unreachable: Explain = (_, { action }) => ({
  code: 'aws-unreachable',
  message: `AWS gave no answer to ${action} within the time limit. Try again shortly.`,
  retryAfter: 5,
});

const unexpected: Explain = ({ status }, { action }) => ({
  code: 'aws-error',
  message:
    status !== undefined && status >= 500
      ? `AWS failed to carry out ${action} because of an error of its own. Try again later.`
      : `AWS answered ${action} with something that this service does not know. The log has the details.`,
});

/** AWS names the action that was missing, which can be another than the one we called (Validate also needs Put). */
const accessDenied: Explain = ({ message }, { action, resource }) => {
  const missing = /not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)/.exec(message)?.[1] ?? action;
  const reason = message.includes('explicit deny')
    ? ' An explicit deny (in the policy of the resource, the role or the organization) forbids it.'
    : '';
  const remedy =
    missing === 'sts:AssumeRole'
      ? 'Check that this role exists, trusts the role of this service, and expects the external id that is configured.'
      : `Allow ${missing} in the IAM policy of the role of this service.`;
  return {
    code: 'aws-access-denied',
    message: `The role of this service may not ${missing} on ${resource}.${reason} ${remedy}`,
  };
};

const badCredentials: Explain = () => ({
  code: 'aws-access-denied',
  message:
    'AWS did not accept the credentials of this service: they are missing, wrong or expired, or the clock is off. Its operator must renew them.',
});

const secretNotFound: Explain = (_, { resource }) => ({
  code: 'secret-not-found',
  message: `AWS knows no secret ${resource}. Check the name and the Region; a secret of another account or Region needs its full ARN.`,
});

/** One name for several states of a secret; only the message tells which. */
const invalidRequest: Explain = (failure, request) => {
  const { resource } = request;
  if (/deletion|deleted/i.test(failure.message)) {
    return {
      code: 'secret-pending-deletion',
      message: `The secret ${resource} is scheduled for deletion. Restore it first.`,
    };
  }
  if (IS_REPLICA.test(failure.message)) return replica(failure, request);
  if (/managed|owning service|owned by/i.test(failure.message)) {
    return {
      code: 'secret-managed-by-service',
      message: `The secret ${resource} is managed by another AWS service, which alone may change its policy.`,
    };
  }
  return unexpected(failure, request);
};

const IS_REPLICA = /on a replica secret|primary secret's region/i;
const replica: Explain = (_, { resource }) => ({
  code: 'secret-is-replica',
  message: `The secret ${resource} is a replica. Change the primary secret; AWS copies its policy to the replicas.`,
});

/** The one message of AWS for a typing error, a principal of another partition, and one created seconds ago. */
export const namesUnknownPrincipal = (message: string): boolean => /(unsupported|invalid) principal/i.test(message);

const malformedPolicy: Explain = ({ message }) =>
  namesUnknownPrincipal(message)
    ? {
        code: 'principal-not-found',
        message:
          'AWS does not know a principal of this policy. A typing error and a principal that was created seconds ago look the same: check the ARN (names are case-sensitive), or try again in a minute. An entry of a deleted principal (AROA…, AIDA…) must be revoked first.',
      }
    : { code: 'policy-malformed', message: `AWS refuses this policy as malformed: ${clip(message)}` };

const publicPolicy: Explain = () => ({
  code: 'policy-public',
  message:
    'AWS refuses this policy because it would open the secret to the public. Name accounts, roles or users, or narrow it by a condition such as aws:PrincipalOrgID.',
});

const invalidParameter: Explain = (failure, request) => {
  const { message } = failure;
  if (IS_REPLICA.test(message)) return replica(failure, request);
  if (/resource_?policy/i.test(message) && /length/i.test(message)) {
    return { code: 'policy-too-large', message: 'The policy is larger than the 20,480 characters that AWS allows.' };
  }
  return { code: 'validation-failed', message: `AWS refuses a parameter: ${clip(message)}` };
};

const badCursor: Explain = () => ({
  code: 'validation-failed',
  message: 'The cursor is not one that this list gave, or it is too old. Start again without it.',
});

const quotaReached: Explain = (_, { action, resource }) => ({
  code: 'aws-error',
  message: `A quota of AWS is used up: ${action} on ${resource} needs it raised, or something removed.`,
});

const unusableKey: Explain = (_, { resource }) => ({
  code: 'kms-key-not-shareable',
  message: `The key ${resource} does not exist, is disabled, or is scheduled for deletion: nobody can be given the use of it.`,
});

/** KMS names the grantee of a grant like this when it does not know it (KMS API Reference, CreateGrant). */
const invalidArn: Explain = (failure, request) =>
  request.action === 'kms:CreateGrant'
    ? malformedPolicy({ ...failure, message: 'invalid principal' }, request)
    : unusableKey(failure, request);

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
  ...[
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
