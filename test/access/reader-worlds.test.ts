import fc from 'fast-check';
import t from 'tap';
import { FULL_ACCESS } from '../../src/local-aws/enforcement/organizations.ts';
import { AwsError } from '../../src/local-aws/protocol/errors.ts';
import type { PolicyDocument, Statement } from '../../src/policy/document.ts';
import { MARY } from '../helper.ts';
import { cases } from '../runs.ts';
import type { OwnLeg } from './readers.ts';
import { document, only, readBySecret } from './readers.ts';

/**
 * Worlds of identity policies, permissions boundaries and control policies that the service reads from IAM and Organizations: what the
 * legs say for certain is what then happens. The stand-in enforces them by code of its own (src/local-aws/enforcement/limits.ts).
 */

const OWN = '111111111111';
const READERS = [
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
const numbered = (statements: readonly Statement[]): PolicyDocument =>
  document(...statements.map((one, index) => ({ ...one, Sid: `S${index}` })));
const seldom = <T>(arbitrary: fc.Arbitrary<T>, others = 2) =>
  fc.oneof({ weight: others, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

const world = fc.record({
  named: fc.uniqueArray(fc.constantFrom(...NAMED), { minLength: 1, maxLength: 4 }),
  keyNamed: fc.uniqueArray(fc.constantFrom(...NAMED), { minLength: 1, maxLength: 4 }),
  identities: fc.tuple(...READERS.map(() => fc.array(policy, { maxLength: 2 }))),
  boundaries: fc.tuple(...READERS.map(() => seldom(policy))),
  serviceControl: fc.record({ root: seldom(policy, 8), reader: seldom(policy), owner: seldom(policy, 8) }),
  resourceControl: seldom(fc.array(statement, { minLength: 1, maxLength: 2 })),
});

t.test('what legs of the reader’s side say for certain is what then happens', async (t) => {
  const secret = await readBySecret(t, {
    READER_ACCOUNTS: '123456789999,222222222222',
    ...{ ORGANIZATION_ROLE_NAME: 'secret-access-organization', ORGANIZATION_ROLE_EXTERNAL_ID: 'local' },
  });
  const { aws, call, url, arn, later, putKeyPolicy } = secret;
  const { directory, organizations } = aws;
  directory.createRole({ arn: READERS[1].arn, policies: [], accessKeyId: 'WORKER', tags: { team: 'payments' } });
  directory.createUser({ arn: READERS[2].arn, policies: [], accessKeyId: 'COLLEAGUE' });
  directory.createRole({ arn: READERS[3].arn, policies: [], accessKeyId: 'HELPER' });
  const lets = (names: readonly string[], Action: string) => ({
    Effect: 'Allow',
    Principal: { AWS: names },
    Action,
    Resource: '*',
  });
  const Tags = [{ Key: 'team', Value: 'payments' }];
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'TagResource', { SecretId: arn, Tags });
  const counts: Record<string, number> = {};
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };

  const setUp = async (of: typeof world extends fc.Arbitrary<infer World> ? World : never) => {
    aws.keepPolicy(arn, null);
    const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement: [lets(of.named, 'secretsmanager:*')] });
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutResourcePolicy', { SecretId: arn, ResourcePolicy });
    await putKeyPolicy([lets(of.keyNamed, 'kms:Decrypt')]);
    for (const [index, { arn: reader }] of READERS.entries()) {
      directory.setIdentityPolicies(reader, of.identities[index] ?? []);
      directory.setPermissionsBoundary(reader, of.boundaries[index] ?? null);
    }
    const levels = { root: 'r-loca', reader: '123456789999', owner: OWN } as const;
    for (const [name, target] of Object.entries(levels)) {
      const limit = of.serviceControl[name as keyof typeof levels];
      organizations.setServiceControlPolicies(target, [limit ?? FULL_ACCESS]);
    }
    const denials = (of.resourceControl ?? []).map((one): Statement => ({ ...one, Effect: 'Deny', Principal: '*' }));
    organizations.setResourceControlPolicies(OWN, denials.length === 0 ? [] : [numbered(denials)]);
  };
  /** What is asked by others than those who read is let: the service, and who sets the world up. */
  const clear = () => {
    for (const target of ['r-loca', OWN]) organizations.setServiceControlPolicies(target, [FULL_ACCESS]);
    organizations.setResourceControlPolicies(OWN, []);
  };
  const reads = (key: string): boolean => {
    try {
      aws.call(key, 'us-east-1', 'secretsmanager', 'GetSecretValue', { SecretId: arn });
      return true;
    } catch (error) {
      if (error instanceof AwsError) return false;
      throw error;
    }
  };

  await fc.assert(
    fc.asyncProperty(world, async (of) => {
      clear();
      await setUp(of);
      later(301_000);
      for (const { key, arn: principal } of READERS) {
        const asked = { principal, action: 'secretsmanager:GetSecretValue' };
        const { status, json } = await call('POST', `${url}/access-checks`, asked);
        // Control policies bind the service, too.
        if (status !== 200) return count('not answered');
        const works = reads(key);
        const legs: OwnLeg[] = json.legs;
        for (const { leg, status: said } of legs) count(`${leg} ${said}`);
        const missing = legs.find(({ status: said }) => said === 'missing');
        const stands = legs.every(({ status: said }) => said === 'done' || said === 'notNeeded');
        const told = () => `${principal}: ${JSON.stringify(legs, null, 1)}`;
        if (missing !== undefined && works) throw new Error(`${missing.leg} is missing, and it reads: ${told()}`);
        if (stands && !works) throw new Error(`All stands, and it does not read: ${told()}`);
        if (stands) count('all legs stand');
        const bounded = legs.some((leg) => leg.status === 'missing' && /permissions boundary/.test(leg.detail));
        if (bounded) count('boundary in the way');
      }
      return undefined;
    }),
    cases(20, 400, 4_000),
  );
  t.comment(JSON.stringify(counts, null, 1));
  for (const what of [
    'all legs stand',
    'identityPolicy missing',
    'identityPolicy done',
    'organization missing',
    'boundary in the way',
  ])
    t.ok((counts[what] ?? 0) > 0, `${what}: ${counts[what] ?? 0}`);
});
