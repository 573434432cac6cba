import fc from 'fast-check';
import type { PrincipalElement, Statement } from '../../src/policy/document.ts';
import { conditionOf } from './arbitrary-conditions.ts';
import { ACCOUNTS, isRole, OWNER, PRINCIPALS, SESSIONS, sessionArn } from './cast.ts';
import { either } from './weighted.ts';

/** Statements of the three kinds of policy, of what AWS documents a meaning for. */

export const rootOf = (account: string): string => `arn:aws:iam::${account}:root`;

/** A principal as policies name it; mostly one of those that the world is about. */
export const named = (focus: readonly string[]): fc.Arbitrary<string> =>
  either(
    [6, fc.constantFrom(...focus)],
    [1, fc.constantFrom(...PRINCIPALS.filter(({ arn }) => !arn.endsWith('user/other'))).map(({ arn }) => arn)],
    [2, sessionOf(focus)],
    [2, fc.constantFrom(...focus).map((arn) => rootOf(arn.split(':')[4] ?? ''))],
    [1, fc.constantFrom(...ACCOUNTS)],
  );

function sessionOf(focus: readonly string[]): fc.Arbitrary<string> {
  const roles = PRINCIPALS.filter((one) => isRole(one) && focus.includes(one.arn));
  const sessions = roles.flatMap((role) => SESSIONS.map((session) => sessionArn(role, session)));
  return fc.constantFrom(...(sessions.length === 0 ? focus : sessions));
}

/** NotPrincipal excepts a session only if it names the session, the role and the account (IAM User Guide, NotPrincipal). */
function everyLevelOf(arn: string): string[] {
  const principal = PRINCIPALS.find((one) => one.arn === arn);
  const sessions = principal && isRole(principal) ? SESSIONS.map((session) => sessionArn(principal, session)) : [];
  return [arn, ...sessions, rootOf(arn.split(':')[4] ?? '')];
}

const oneOrTwo = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> =>
  either<T | T[]>([4, item], [1, fc.array(item, { minLength: 2, maxLength: 2 })]);

const principalElement = (focus: readonly string[]): fc.Arbitrary<PrincipalElement> =>
  either<PrincipalElement>(
    [10, oneOrTwo(named(focus)).map((AWS) => ({ AWS }))],
    [3, fc.constantFrom<PrincipalElement>('*', { AWS: '*' })],
    [1, fc.constant<PrincipalElement>({ Service: 'lambda.amazonaws.com' })],
  );

const secretAction = either<Pick<Statement, 'Action' | 'NotAction'>>(
  [8, fc.constant({ Action: 'secretsmanager:GetSecretValue' })],
  [2, fc.constant({ Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'] })],
  [
    4,
    fc
      .constantFrom(
        'secretsmanager:*',
        'secretsmanager:Get*',
        'SecretsManager:getsecretvalue',
        'secretsmanager:?etSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:DescribeSecret',
        '*',
      )
      .map((Action) => ({ Action })),
  ],
  [1, fc.constantFrom('secretsmanager:DescribeSecret', 'secretsmanager:Get*').map((NotAction) => ({ NotAction }))],
);

const secretResource = either<Pick<Statement, 'Resource' | 'NotResource'>>(
  [16, fc.constant({ Resource: '*' })],
  [
    4,
    fc
      .constantFrom<string | string[]>(
        '<secret>',
        ['<secret>', '<replica>'],
        `arn:aws:secretsmanager:*:${OWNER}:secret:*`,
        'arn:aws:secretsmanager:us-east-1:*:secret:world-*-??????',
        `arn:aws:secretsmanager:us-east-1:${OWNER}:secret:another-AbCdEf`,
      )
      .map((Resource) => ({ Resource })),
  ],
  [1, fc.constantFrom('<secret>', '<replica>').map((NotResource) => ({ NotResource }))],
);

const merged = (...parts: fc.Arbitrary<Partial<Statement>>[]): fc.Arbitrary<Statement> =>
  fc.tuple(...parts).map((all) => Object.assign({}, ...all) as Statement);

export const foreignStatement = (focus: readonly string[]): fc.Arbitrary<Statement> =>
  either(
    [
      5,
      merged(
        fc.constant({ Effect: 'Allow' as const }),
        principalElement(focus).map((Principal) => ({ Principal })),
        secretAction,
        secretResource,
        conditionOf(focus),
      ),
    ],
    [
      4,
      merged(
        fc.constant({ Effect: 'Deny' as const }),
        either<Partial<Statement>>(
          [6, principalElement(focus).map((Principal) => ({ Principal }))],
          [3, fc.constant<Partial<Statement>>({ Principal: '*' })],
          [1, fc.constantFrom(...focus).map((arn) => ({ NotPrincipal: { AWS: everyLevelOf(arn) } }))],
        ),
        secretAction,
        secretResource,
        conditionOf(focus),
      ),
    ],
  );
