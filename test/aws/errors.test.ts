import t from 'tap';
import { toDomainError } from '../../src/aws/calls/errors.ts';
import { readFailure, surelyDidNothing } from '../../src/aws/calls/failure.ts';
import { DomainError } from '../../src/problems/problem.ts';
import type { ProblemCode } from '../../src/problems/table.ts';

const secret = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:demo-AbCdEf';
const request = { action: 'secretsmanager:PutResourcePolicy', resource: secret };

const answered = (name: string, message = '', httpStatusCode = 400) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode, requestId: 'request-1' } });
const lost = (code: string, name = 'Error') => Object.assign(new Error(code), { name, code });

type Case = [unknown, ProblemCode, RegExp, ('sure' | 'uncertain')?];
const cases: Case[] = [
  [answered('ResourceNotFoundException'), 'secret-not-found', /knows no secret arn:aws/],
  [
    answered(
      'InvalidRequestException',
      "You can't perform this operation on the secret because it was marked for deletion.",
    ),
    'secret-pending-deletion',
    /Restore it first/,
  ],
  [
    answered('InvalidRequestException', 'You cannot do this: the secret was deleted or is scheduled for deletion'),
    'secret-pending-deletion',
    /scheduled for deletion/,
  ],
  [
    answered('InvalidRequestException', "You can't modify a secret that is managed by another service (rds)"),
    'secret-managed-by-service',
    /managed by another AWS service/,
  ],
  [
    answered(
      'InvalidRequestException',
      "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
    ),
    'secret-is-replica',
    /Change the primary/,
  ],
  [
    answered(
      'InvalidParameterException',
      "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
    ),
    'secret-is-replica',
    /Change the primary/,
  ],
  [answered('InvalidRequestException', 'Something new'), 'aws-error', /does not know/],
  [
    answered('MalformedPolicyDocumentException', 'This resource policy contains an unsupported principal.'),
    'principal-not-found',
    /typing error and a principal that was created seconds ago look the same/,
  ],
  [
    answered('MalformedPolicyDocumentException', 'Syntax error at position 3'),
    'policy-malformed',
    /Syntax error at position 3/,
  ],
  [answered('PublicPolicyException'), 'policy-public', /opens the secret to the public/],
  [
    answered(
      'ValidationException',
      `1 validation error detected: Value '${'x'.repeat(20_481)}' at 'resourcePolicy' failed to satisfy constraint: Member must have length less than or equal to 20480`,
    ),
    'policy-too-large',
    /20,480/,
  ],
  [answered('InvalidParameterException', 'Invalid name.'), 'validation-failed', /Invalid name/],
  [answered('InvalidNextTokenException'), 'validation-failed', /cursor/],
  [
    answered(
      'AccessDeniedException',
      'User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: secretsmanager:PutResourcePolicy on resource: x',
    ),
    'aws-access-denied',
    /^(?!.*assumed-role)(?!.*explicit).*may not secretsmanager:PutResourcePolicy on arn:aws/,
  ],
  [
    answered(
      'AccessDeniedException',
      'not authorized to perform: secretsmanager:PutResourcePolicy on resource: x with an explicit deny in a resource-based policy',
    ),
    'aws-access-denied',
    /explicit deny/,
  ],
  [answered('AccessDenied', 'no text at all', 403), 'aws-access-denied', /Allow secretsmanager:PutResourcePolicy/],
  [answered('ExpiredTokenException'), 'aws-access-denied', /did not accept the credentials/],
  [answered('InvalidClientTokenId', '', 403), 'aws-access-denied', /did not accept the credentials/],
  [answered('UnrecognizedClientException'), 'aws-access-denied', /did not accept the credentials/],
  [answered('ThrottlingException'), 'aws-throttled', /no more/],
  [answered('TooManyRequestsException', '', 429), 'aws-throttled', /no more/],
  [answered('SlowDown', '', 503), 'aws-throttled', /no more/],
  [Object.assign(answered('SomethingNew', '', 500), { $retryable: { throttling: true } }), 'aws-throttled', /no more/],
  [answered('LimitExceededException'), 'aws-error', /quota/],
  [answered('NotFoundException'), 'kms-key-not-shareable', /does not exist/],
  [
    answered('InternalServiceError', 'java.lang.Internals', 500),
    'aws-error',
    /^(?!.*java).*error of its own/,
    'uncertain',
  ],
  [answered('SomethingElse', '', 400), 'aws-error', /does not know/],
  [lost('ECONNREFUSED'), 'aws-unreachable', /no answer/],
  [lost('ENOTFOUND'), 'aws-unreachable', /no answer/],
  [lost('ECONNRESET', 'TimeoutError'), 'aws-unreachable', /no answer/, 'uncertain'],
  [lost('ETIMEDOUT', 'TimeoutError'), 'aws-unreachable', /no answer/, 'uncertain'],
  [lost('', 'AbortError'), 'aws-unreachable', /no answer/, 'uncertain'],
  [new Error('no credentials', { cause: lost('ECONNRESET') }), 'aws-unreachable', /no answer/, 'uncertain'],
  [answered('ServiceUnavailable', '', 503), 'aws-error', /error of its own/, 'uncertain'],
  [new SyntaxError('Unexpected token <'), 'aws-error', /^(?!.*token).*does not know/, 'uncertain'],
  ['not even an error', 'aws-error', /does not know/, 'uncertain'],
];

for (const [error, code, message, happened = 'sure'] of cases) {
  const { name, message: text } = readFailure(error);
  t.test(`${name} "${text.slice(0, 60)}" is ${code}`, async (t) => {
    const problem = toDomainError(error, request);
    t.equal(problem.code, code);
    t.match(problem.message, message);
    t.equal(problem.cause, error);
    t.equal(surelyDidNothing(readFailure(error)), happened === 'sure');
  });
}

t.test('the request id and name of the answer are kept, and only where there was one', async (t) => {
  const { facts } = toDomainError(answered('PublicPolicyException'), request);
  t.match(facts, { awsRequestId: 'request-1', awsError: 'PublicPolicyException' });
  const { facts: unanswered } = toDomainError(lost('ECONNREFUSED'), request);
  t.strictSame([unanswered.awsRequestId, unanswered.awsError], [undefined, undefined]);
});

t.test('a role that cannot be assumed is told with its remedy', async (t) => {
  const role = 'arn:aws:iam::222222222222:role/reach';
  const denied = answered(
    'AccessDenied',
    `User: x is not authorized to perform: sts:AssumeRole on resource: ${role}`,
    403,
  );
  t.match(toDomainError(denied, { action: 'sts:AssumeRole', resource: role }).message, /222222222222.*external id/);
});

t.test('an unknown grantee is a principal that was not found', async (t) => {
  const problem = toDomainError(answered('InvalidArnException'), { action: 'kms:CreateGrant', resource: 'key' });
  t.equal(problem.code, 'principal-not-found');
});

t.test('a problem of ours passes as it is, and learns that a change may have happened', async (t) => {
  const ours = new DomainError('aws-throttled', { waiting: 'write', retryAfter: 3 });
  t.equal(toDomainError(ours, request), ours);
  t.match(toDomainError(ours, request, true), { code: 'aws-throttled', facts: { retryAfter: 3, uncertain: true } });
});

t.test('repeating helps where AWS failed, not where somebody must see to it', async (t) => {
  const isRetryable = (error: unknown) => {
    const told = toDomainError(error, request);
    return told instanceof DomainError && told.code === 'aws-error' && told.isRetryable;
  };
  t.equal(isRetryable(answered('InternalServiceError', '', 500)), true);
  t.equal(isRetryable(answered('SomethingNew')), false);
  t.equal(isRetryable(answered('LimitExceededException')), false);
});
