import fc from 'fast-check';
import type { PolicyDocument, PrincipalElement, Statement } from '../../src/policy/document.ts';
import { conditionBlock, requestContext, variable } from './arbitrary-conditions.ts';
import { callers } from './callers.ts';
import type { AccessCase } from './oracle.ts';

const SECRET = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db-AbCdEf';
const KEY = 'arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab';

const TARGETS = [
  { action: 'secretsmanager:GetSecretValue', resource: SECRET },
  { action: 'secretsmanager:DescribeSecret', resource: SECRET },
  { action: 'secretsmanager:PutSecretValue', resource: SECRET },
  { action: 'kms:Decrypt', resource: KEY },
];

const CALLERS = ['owner', 'reader', 'mary', 'app', 'pathed', 'federated', 'lambda', 'anonymous'] as const;
const OWNERS = ['owner', 'reader'] as const;

/**
 * Access cases on which both evaluators must agree. Left out, because the oracle's answer is not the one that AWS
 * documents, or AWS documents none; the tables in test/cases have a row for each:
 *
 * - Root users: it asks for identity policies; the root user "has full access"
 *   (reference_policies_evaluation-logic).
 * - NotPrincipal that names only the account, or not every level of the caller: it excepts the caller; in the guide's
 *   example all users of the account but the one named are denied (reference_policies_elements_notprincipal).
 * - Federated users and the ARN of a user of their account: it takes the user of the same name for the one who
 *   federated; GetFederationToken lets the caller choose the name (API_GetFederationToken, Name).
 * - Unique ids and identity providers as principals, which it does not know (reference_policies_elements_principal).
 * - A wildcard of Resource that reaches over a colon: it does not match; "it can expand to match beyond the colon
 *   boundaries" (reference_policies_elements_resource). Resources that differ in case: it ignores case before the sixth part.
 * - Negated operators and NotResource with a variable that has no value: it does not match; "inverted condition
 *   operators … do match against a null value" (reference_policies_variables, "Policy variables with no value").
 * - Variables in documents of version 2008-10-17: it replaces them; "variables … are treated as literal strings"
 *   (same page).
 * - Dates in seconds beside ISO 8601 dates: it takes seconds for milliseconds; "or in epoch (UNIX) time"
 *   (reference_policies_elements_condition_operators, "Date condition operators").
 * - `0.0.0.0/0`: it holds no address; "the standard CIDR format" (same page, "IP address condition operators").
 * - NotIpAddress with one address of the other family, and IPv6 addresses spelled in two ways: it compares text.
 * - Values that can't be read by their operator, operators that IAM does not have, set operators on empty values,
 *   multivalued keys without a set operator, ForAnyValue with IfExists: AWS documents no answer, ours is `unknown`.
 */
export const accessCase: fc.Arbitrary<AccessCase> = fc
  .tuple(fc.constantFrom(...OWNERS, ...OWNERS, ...CALLERS), fc.constantFrom(...TARGETS))
  .chain(([name, target]) => {
    const caller = callers[name];
    return fc.record({
      request: requestContext.map((context) => ({
        caller,
        ...target,
        resourceAccount: '111111111111',
        context,
        contextIs: 'complete' as const,
      })),
      resourcePolicy: fc.option(
        documentOf(fc.tuple(statement, principalOf(name)).map((parts) => Object.assign({}, ...parts))),
        {
          freq: 8,
        },
      ),
      identityPolicies:
        name === 'lambda' || name === 'anonymous'
          ? fc.constant([])
          : fc.array(documentOf(statement), { minLength: 1, maxLength: 2 }),
    });
  });

const oneOrMany = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> =>
  fc.oneof(item, fc.array(item, { minLength: 1, maxLength: 3 }));

function documentOf(statement: fc.Arbitrary<Statement>): fc.Arbitrary<PolicyDocument> {
  return oneOrMany(statement).map((statements) => ({
    Version: '2012-10-17',
    Statement: Array.isArray(statements)
      ? statements.map((one, index) => ({ ...one, Sid: `S${index}` }))
      : { ...statements, Sid: 'S0' },
  }));
}

const holed = (text: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.nat(text.length), fc.nat(3), fc.constantFrom('*', '?', '**', '*?', ''))
    .map(([start, length, hole]) => text.slice(0, start) + hole + text.slice(start + length));

const actionPattern = fc.oneof(
  fc.constantFrom('*', '*', '*', '*', 'secretsmanager:*', 'kms:*', 'SecretsManager:getsecretvalue', 's3:GetObject'),
  fc.constantFrom(...TARGETS).map(({ action }) => action),
  fc
    .constantFrom(...TARGETS)
    .chain(({ action }) =>
      holed(action.slice(action.indexOf(':') + 1)).map((name) => `${action.split(':')[0]}:${name}`),
    )
    .filter((action) => !action.endsWith(':')),
);

const resourcePattern = (variables: string[]): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        '*',
        '*',
        '*',
        '*',
        SECRET,
        KEY,
        'arn:aws:secretsmanager:*:*:secret:*',
        'arn:aws:kms:*:111111111111:key/*',
      ),
    },
    {
      weight: 2,
      arbitrary: holed('prod/db-AbCdEf').map((name) => `arn:aws:secretsmanager:us-east-?:1*:secret:${name}`),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...variables).map((text) => `arn:aws:secretsmanager:*:*:secret:${text}/*`),
    },
  );
const WITH_DEFAULT = variable("aws:PrincipalTag/team, 'prod'");

/** Without a principal: as in an identity policy. */
const statement: fc.Arbitrary<Statement> = fc
  .record({
    effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
    action: fc.oneof(
      { weight: 5, arbitrary: oneOrMany(actionPattern).map((Action) => ({ Action })) },
      { weight: 1, arbitrary: oneOrMany(actionPattern).map((NotAction) => ({ NotAction })) },
    ),
    resource: fc.oneof(
      {
        weight: 5,
        arbitrary: oneOrMany(resourcePattern([WITH_DEFAULT, variable('aws:PrincipalTag/team')])).map((Resource) => ({
          Resource,
        })),
      },
      { weight: 1, arbitrary: oneOrMany(resourcePattern([WITH_DEFAULT])).map((NotResource) => ({ NotResource })) },
    ),
    condition: conditionBlock,
  })
  .map(({ effect, action, resource, condition }) => ({
    Effect: effect as Statement['Effect'],
    ...action,
    ...resource,
    ...(condition && { Condition: condition }),
  }));

const NAMED: Record<(typeof CALLERS)[number], string[]> = {
  owner: ['arn:aws:iam::111111111111:user/owner', 'arn:aws:iam::111111111111:root'],
  reader: ['arn:aws:sts::111111111111:assumed-role/reader/s1', 'arn:aws:iam::111111111111:role/reader', '111111111111'],
  mary: ['arn:aws:iam::123456789999:user/Mary', '123456789999'],
  app: ['arn:aws:sts::222222222222:assumed-role/app/s1', 'arn:aws:iam::222222222222:role/app', '222222222222'],
  pathed: ['arn:aws:sts::222222222222:assumed-role/app/s1', 'arn:aws:iam::222222222222:role/team/app', '222222222222'],
  federated: ['arn:aws:sts::123456789999:federated-user/Bob', 'arn:aws:iam::123456789999:root'],
  lambda: ['lambda.amazonaws.com'],
  anonymous: [],
};
const STRANGERS = [
  'arn:aws:iam::444444444444:user/Mary',
  'arn:aws:iam::444444444444:root',
  '555555555555',
  'arn:aws:sts::444444444444:assumed-role/app/s1',
];
const SERVICES = ['lambda.amazonaws.com', 'rds.amazonaws.com'];

/** Principals of which about half name the caller; NotPrincipals that name it on every level, or not at all. */
function principalOf(name: (typeof CALLERS)[number]): fc.Arbitrary<Pick<Statement, 'Principal' | 'NotPrincipal'>> {
  const everybody = CALLERS.flatMap((other) => (other === 'lambda' ? [] : NAMED[other]));
  // Which user federated, the session does not tell.
  const candidates = everybody.filter((arn) => !(name === 'federated' && arn.includes(':iam::123456789999:user/')));
  const own = name === 'lambda' || NAMED[name].length === 0 ? candidates : NAMED[name];
  const aws = oneOrMany(
    fc.oneof(fc.constantFrom(...own), fc.constantFrom(...candidates), fc.constantFrom(...STRANGERS)),
  );
  const element: fc.Arbitrary<PrincipalElement> = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<PrincipalElement>('*', { AWS: '*' }) },
    { weight: 5, arbitrary: aws.map((AWS) => ({ AWS })) },
    {
      weight: name === 'lambda' ? 5 : 1,
      arbitrary: oneOrMany(fc.constantFrom(...SERVICES)).map((Service) => ({ Service })),
    },
    { weight: 1, arbitrary: aws.map((AWS) => ({ AWS, Service: 'lambda.amazonaws.com' })) },
  );
  const others = fc.constantFrom<PrincipalElement>(
    { AWS: STRANGERS },
    { Service: 'rds.amazonaws.com' },
    { AWS: STRANGERS, Service: 'rds.amazonaws.com' },
  );
  const caller: PrincipalElement =
    name === 'lambda' ? { Service: SERVICES } : { AWS: [...NAMED[name], '555555555555'] };
  return fc.oneof(
    { weight: 8, arbitrary: element.map((Principal) => ({ Principal })) },
    { weight: 1, arbitrary: fc.oneof(others, fc.constant(caller)).map((NotPrincipal) => ({ NotPrincipal })) },
  );
}
