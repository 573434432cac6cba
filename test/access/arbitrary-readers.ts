import fc from 'fast-check';
import type { PolicyDocument, Statement } from '../../src/policy/document.ts';
import { MARY } from '../helper.ts';
import { document, only } from './readers.ts';

export const OWN = '111111111111';
/** In another account of the organization, in none, and in the owner’s own. */
export const READERS = [
  { key: 'LOCALMARY', arn: MARY },
  { key: 'WORKER', arn: 'arn:aws:iam::222222222222:role/ops/worker' },
  { key: 'COLLEAGUE', arn: `arn:aws:iam::${OWN}:user/team/colleague` },
  { key: 'HELPER', arn: `arn:aws:iam::${OWN}:role/helper` },
] as const;
const NAMED = [...READERS.map(({ arn }) => arn), '123456789999', '222222222222', OWN, '*'];

const conditions: readonly (Statement['Condition'] | undefined)[] = [
  ...Array.from({ length: 12 }, () => undefined),
  { StringEquals: { 'aws:ResourceAccount': OWN } },
  { StringNotEquals: { 'aws:ResourceAccount': OWN } },
  { StringEquals: { 'aws:ResourceOrgID': 'o-local00001' } },
  { StringNotEqualsIfExists: { 'aws:PrincipalOrgID': 'o-local00001' } },
  { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-local00001/r-loca/*' } },
  { StringEquals: { 'aws:ResourceTag/team': 'payments' } },
  { Null: { 'aws:ResourceTag/team': 'true' } },
  { StringLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/*' } },
  { ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::222222222222:role/ops/worker' } },
  { StringEquals: { 'aws:username': 'colleague' } },
  { Bool: { 'aws:ViaAWSService': 'true' } },
  { StringEquals: { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' } },
  { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } },
  { StringEquals: { 'aws:PrincipalTag/team': 'payments' } },
];
const actions = ['*', 'secretsmanager:*', 'kms:*', 'secretsmanager:GetSecretValue', 'kms:Decrypt', 'sts:*'];
const about = fc.oneof(
  fc.record({ Action: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1, maxLength: 2 }) }),
  fc.record({ NotAction: fc.constantFrom('iam:*', 'kms:*', 'secretsmanager:Get*') }),
);
const resource = fc.constantFrom<Partial<Statement>>(
  ...[{ Resource: '*' }, { Resource: '*' }, { Resource: '*' }],
  { Resource: `arn:aws:*:us-east-1:${OWN}:*` },
  { Resource: 'arn:aws:secretsmanager:*:*:secret:team/keyed*' },
  { NotResource: 'arn:aws:kms:*:*:key/*' },
);
const statement = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
    about,
    resource,
    at: fc.nat(conditions.length - 1),
  })
  .map(({ Effect, about: what, resource: of, at }): Statement => {
    const Condition = conditions[at];
    return { Effect: Effect as 'Allow' | 'Deny', ...what, ...of, ...(Condition && { Condition }) };
  });
const policy = fc.oneof(
  { weight: 3, arbitrary: fc.constant(only('*')) },
  { weight: 1, arbitrary: fc.constant(only('secretsmanager:*', 'kms:*')) },
  { weight: 3, arbitrary: fc.array(statement, { minLength: 1, maxLength: 3 }).map((all) => numbered(all)) },
);
export const numbered = (statements: readonly Statement[]): PolicyDocument =>
  document(...statements.map((one, index) => ({ ...one, Sid: `S${index}` })));
const seldom = <T>(arbitrary: fc.Arbitrary<T>, others = 2) =>
  fc.oneof({ weight: others, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

export const world = fc.record({
  named: fc.uniqueArray(fc.constantFrom(...NAMED), { minLength: 1, maxLength: 4 }),
  keyNamed: fc.uniqueArray(fc.constantFrom(...NAMED), { minLength: 1, maxLength: 4 }),
  identities: fc.tuple(...READERS.map(() => fc.array(policy, { maxLength: 2 }))),
  boundaries: fc.tuple(...READERS.map(() => seldom(policy))),
  serviceControl: fc.record({ root: seldom(policy, 8), reader: seldom(policy), owner: seldom(policy, 8) }),
  resourceControl: seldom(fc.array(statement, { minLength: 1, maxLength: 2 })),
});

export type World = typeof world extends fc.Arbitrary<infer Generated> ? Generated : never;
