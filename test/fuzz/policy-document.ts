import fc from 'fast-check';
import { APP_ROLE, MARY } from '../helper.ts';

/** Policies that AWS takes, ones that it does not, and ones that it must never be given. */
const principal = fc.constantFrom<unknown[]>(
  { AWS: MARY },
  { AWS: [MARY, APP_ROLE] },
  { AWS: '222222222222' },
  { AWS: '*' },
  '*',
  { AWS: [] },
  { Service: 'lambda.amazonaws.com' },
  { AWS: 'AIDAEXAMPLE1234567890' },
  { AWS: 7 },
  'nobody',
);
const action = fc.oneof(
  fc.constantFrom<unknown[]>(
    'secretsmanager:GetSecretValue',
    ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
    'secretsmanager:*',
    '*',
    'secretsmanager:Get*',
    's3:GetObject',
    [],
    null,
  ),
  fc.string({ maxLength: 20 }),
);
const conditions = fc.oneof(
  fc.constantFrom(
    { StringEquals: { 'aws:PrincipalOrgID': 'o-local00001' } },
    { DateLessThan: { 'aws:CurrentTime': '2040-01-01T00:00:00Z' } },
    { Bool: { 'aws:SecureTransport': true } },
    { NumericLessThan: { 'aws:MultiFactorAuthAge': [1, '2'] } },
    { NoSuchOperator: { a: 'b' } },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
    { 'ForAnyValue:StringLike': { 'aws:PrincipalTag/team': ['a*', '${aws:username}'] } },
    {},
  ),
  fc.dictionary(fc.string({ maxLength: 12 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 2 }),
);

const statement = fc.record(
  {
    Sid: fc.oneof(
      fc.constantFrom('Own', 'Share0123456789abcdef', 'Deny0123456789abcdef', ''),
      fc.string({ maxLength: 12 }),
    ),
    Effect: fc.constantFrom<unknown[]>('Allow', 'Allow', 'Deny', 'deny', null),
    Principal: principal,
    NotPrincipal: principal,
    Action: action,
    NotAction: action,
    Resource: fc.constantFrom<unknown[]>('*', ['*'], '{arn}', 'arn:aws:s3:::bucket', null),
    Condition: conditions,
  },
  { requiredKeys: ['Effect'] },
);
const plain = fc.record({
  Effect: fc.constantFrom('Allow', 'Deny'),
  Principal: fc.constantFrom({ AWS: MARY }, { AWS: [APP_ROLE] }, { AWS: '222222222222' }),
  Action: fc.constantFrom('secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'),
  Resource: fc.constant('*'),
});

export const policyDocument = fc.record(
  {
    Version: fc.constantFrom<unknown[]>('2012-10-17', '2012-10-17', '2008-10-17', '2030-01-01', null),
    Id: fc.string({ maxLength: 10 }),
    Statement: fc.oneof(
      fc.array(plain, { minLength: 1, maxLength: 4 }),
      fc.array(statement, { maxLength: 3 }),
      statement,
      fc.jsonValue(),
    ),
  },
  { requiredKeys: ['Statement'] },
);
