import fc from 'fast-check';
import t from 'tap';
import { AwsError } from '../../src/local-aws/protocol/errors.ts';
import type { PolicyDocument, Statement } from '../../src/policy/document.ts';
import { build } from '../helper.ts';
import { cases } from '../runs.ts';

/**
 * Worlds of key policies, grants, replicas and identity policies: what the legs say for certain is what then happens. The
 * stand-in enforces grants by statements of its own (src/local-aws/kms/grants/statements.ts), the service judges them by
 * others (src/access/judge/key/grant-statement.ts).
 */

const [HOME, ABROAD] = ['us-east-1', 'eu-west-1'];
const VERSION = '00000000-0000-4000-8000-000000000001';
const OWNER = 'arn:aws:iam::111111111111:user/owner';

const READERS = [
  { key: 'LOCALMARY', arn: 'arn:aws:iam::123456789999:user/Mary', asked: 'arn:aws:iam::123456789999:user/Mary' },
  {
    key: 'WORKER',
    arn: 'arn:aws:iam::222222222222:role/ops/worker',
    asked: 'arn:aws:sts::222222222222:assumed-role/worker/local',
  },
  {
    key: 'COLLEAGUE',
    arn: 'arn:aws:iam::111111111111:user/colleague',
    asked: 'arn:aws:iam::111111111111:user/colleague',
  },
] as const;

const NAMED = [...READERS.map(({ arn }) => arn), READERS[1].asked, '123456789999', '222222222222', '111111111111'];

/** `HERE` is the secret's ARN in the key's Region. */
const HERE = 'here';
const pair = fc.constantFrom<[string, string]>(
  ['SecretARN', HERE],
  ['secretarn', HERE],
  ['SecretARN', 'arn:aws:secretsmanager:us-east-1:111111111111:secret:other-AbCdEf'],
  ['SecretVersionId', VERSION],
  ['SECRETVERSIONID', VERSION.replace('1', '2')],
  ['aws:ebs:id', 'vol-1'],
);
const pairs = fc.uniqueArray(pair, { minLength: 1, maxLength: 3, selector: ([name]) => name.toLowerCase() });
const grant = fc.record({
  GranteePrincipal: fc.constantFrom(...NAMED),
  Operations: fc.constantFrom(
    ['Decrypt'],
    ['GenerateDataKey'],
    ['Decrypt', 'GenerateDataKey'],
    ['DescribeKey', 'Encrypt'],
  ),
  constraint: fc.constantFrom('EncryptionContextSubset', 'EncryptionContextEquals', 'none'),
  pairs,
});

const CONDITIONS: readonly Statement['Condition'][] = [
  undefined,
  { StringEquals: { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' } },
  { StringLike: { 'kms:ViaService': 'secretsmanager.*.amazonaws.com' } },
  { StringEquals: { 'kms:EncryptionContext:SecretARN': HERE } },
  { StringNotEquals: { 'kms:EncryptionContext:SecretARN': HERE } },
  { StringEquals: { 'kms:EncryptionContext:SecretVersionId': VERSION } },
  { StringLike: { 'kms:EncryptionContext:SecretVersionId': '*' } },
  { Null: { 'kms:EncryptionContext:other': 'true' } },
  { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['SecretARN'] } },
  { 'ForAnyValue:StringEquals': { 'kms:EncryptionContextKeys': ['SecretVersionId'] } },
  { StringEquals: { 'kms:CallerAccount': '123456789999' } },
  { StringNotEquals: { 'kms:CallerAccount': '111111111111' } },
  { StringEquals: { 'aws:RequestedRegion': HOME } },
  { Bool: { 'aws:ViaAWSService': 'false' } },
  { DateLessThan: { 'aws:CurrentTime': '2000-01-01T00:00:00Z' } },
  { DateGreaterThan: { 'aws:CurrentTime': '2000-01-01T00:00:00Z' } },
  { Null: { 'aws:SourceArn': 'false' } },
  { StringEquals: { 'aws:PrincipalOrgID': 'o-local00001' } },
  { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/*' } },
  { ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::222222222222:role/ops/worker' } },
];
const statement = fc.record({
  Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
  AWS: fc.constantFrom('*', ...NAMED),
  Action: fc.constantFrom('kms:Decrypt', 'kms:GenerateDataKey', 'kms:*', 'kms:D*', 'KMS:decrypt'),
  Condition: fc.constantFrom(...CONDITIONS),
});

const keyOf = fc.record({
  grants: fc.array(grant, { maxLength: 3 }),
  statements: fc.array(statement, { maxLength: 3 }),
  /** Whether identity policies of the key's account count. */
  delegates: fc.boolean(),
});
const world = fc.record({
  home: fc.option(keyOf, { freq: 8 }),
  abroad: fc.option(keyOf, { freq: 3 }),
  identity: fc.constantFrom<Statement[]>(
    [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    [{ Effect: 'Allow', Action: 'secretsmanager:*', Resource: '*' }],
    [{ Effect: 'Allow', Action: ['secretsmanager:*', 'kms:Decrypt'], Resource: '*' }],
    [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: 'kms:Decrypt', Resource: `arn:aws:kms:${ABROAD}:*:key/*` },
    ],
  ),
});
type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never;
type Key = NonNullable<World['home']>;

let late = 0;
const { call, aws } = await build(t, { overrides: { clock: () => new Date(Date.now() + late) } });
aws.directory.createRole({ arn: READERS[1].arn, policies: [], accessKeyId: 'WORKER' });
aws.directory.createUser({ arn: READERS[2].arn, policies: [], accessKeyId: 'COLLEAGUE' });

const owner = (region: string, service: 'kms' | 'secretsmanager', operation: string, input: object) =>
  aws.call('LOCALOWNER', region, service, operation, input);

/** A key that is open to whoever makes the secret; it becomes what the world says once the secret is there. */
const newKey = (region: string): string =>
  (owner(region, 'kms', 'CreateKey', {}) as { KeyMetadata: { Arn: string } }).KeyMetadata.Arn;

function settle(KeyId: string, region: string, { grants, statements, delegates }: Key, secretArn: string): void {
  const here = (text: string) => (text === HERE ? secretArn : text);
  for (const { pairs: some, constraint, ...input } of grants) {
    const context = Object.fromEntries(some.map(([name, value]) => [name, here(value)]));
    const Constraints = constraint === 'none' ? {} : { [constraint]: context };
    owner(region, 'kms', 'CreateGrant', { ...input, KeyId, Constraints });
  }
  const admin: Statement = {
    Effect: 'Allow',
    Principal: { AWS: delegates ? '111111111111' : OWNER },
    Action: 'kms:*',
    Resource: '*',
  };
  const more = statements.map(({ AWS, Condition, ...rest }): Statement => {
    const body: Statement = { ...rest, Principal: { AWS }, Resource: '*' };
    return Condition === undefined
      ? body
      : { ...body, Condition: JSON.parse(JSON.stringify(Condition).replaceAll(`"${HERE}"`, `"${secretArn}"`)) };
  });
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [admin, ...more] });
  owner(region, 'kms', 'PutKeyPolicy', { KeyId, Policy, BypassPolicyLockoutSafetyCheck: true });
}

function create({ home, abroad }: World, number: number): { arn: string; regions: string[] } {
  const KmsKeyId = home === null ? undefined : newKey(HOME);
  const replicaKey = abroad === null ? undefined : newKey(ABROAD);
  const isReplicated = number % 2 === 0;
  const AddReplicaRegions = [{ Region: ABROAD, ...(replicaKey && { KmsKeyId: replicaKey }) }];
  const { ARN } = owner(HOME, 'secretsmanager', 'CreateSecret', {
    Name: `world/${number}`,
    SecretString: 'x',
    ClientRequestToken: VERSION,
    ...(KmsKeyId && { KmsKeyId }),
    ...(isReplicated && { AddReplicaRegions }),
  });
  const arn = String(ARN);
  const Principal = { AWS: READERS.map((reader) => reader.arn) };
  const policy = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Principal, Resource: '*' } };
  owner(HOME, 'secretsmanager', 'PutResourcePolicy', {
    SecretId: arn,
    ResourcePolicy: JSON.stringify(policy).replace('"*","Principal', '"secretsmanager:*","Principal'),
  });
  if (home !== null && KmsKeyId) settle(KmsKeyId, HOME, home, arn);
  if (isReplicated && abroad !== null && replicaKey) settle(replicaKey, ABROAD, abroad, arn.replace(HOME, ABROAD));
  return { arn, regions: isReplicated ? [HOME, ABROAD] : [HOME] };
}

function does(accessKeyId: string, region: string, operation: string, input: object): boolean {
  try {
    aws.call(accessKeyId, region, 'secretsmanager', operation, input);
    return true;
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
}

type Leg = { leg: string; status: string; region?: string; detail: string };
const counts: Record<string, number> = {};
const count = (kind: string) => {
  counts[kind] = (counts[kind] ?? 0) + 1;
};

async function judge(made: World, number: number): Promise<void> {
  const { arn, regions } = create(made, number);
  const policies: PolicyDocument[] = [{ Version: '2012-10-17', Statement: made.identity }];
  for (const reader of READERS) {
    aws.directory.setIdentityPolicies(reader.arn, policies);
    for (const [action, operation, more] of [
      ['secretsmanager:GetSecretValue', 'GetSecretValue', {}],
      ['secretsmanager:PutSecretValue', 'PutSecretValue', { SecretString: 'y' }],
    ] as const) {
      const question = { principal: reader.asked, action, identityPolicies: policies };
      const { json, body } = await call('POST', `/v1/secrets/${encodeURIComponent(arn)}/access-checks`, question);
      const legs: Leg[] = json.legs ?? t.fail(body);
      const identity = legs.find(({ leg }) => leg === 'identityPolicy')?.status ?? '';
      const fine = (status: string) => status === 'done' || status === 'notNeeded';
      const say = JSON.stringify({
        reader: reader.asked,
        action,
        legs: legs.map(({ leg, status, region, detail }) => [leg, region, status, detail]),
      });
      const outcomes = regions.map((region) => {
        const key = legs.find((leg) => leg.leg === 'keyPolicy' && leg.region === region)?.status ?? '';
        if (region !== HOME && operation === 'PutSecretValue') {
          if (key !== 'notNeeded') throw new Error(`a replica is not written to: ${say}`);
          return true;
        }
        const done = does(reader.key, region, operation, { SecretId: arn.replace(HOME, region), ...more });
        count(`${operation} ${key} ${identity}`);
        if (key === 'missing' && done) throw new Error(`${region}: missing, and it works: ${say}`);
        if (fine(key) && fine(identity) && !done) throw new Error(`${region}: all legs stand, and it fails: ${say}`);
        return done;
      });
      if (identity === 'missing' && outcomes.every(Boolean)) throw new Error(`identity missing, and it works: ${say}`);
    }
  }
}

t.test('what the legs say for certain of keys, replicas and identity policies is what happens', async (t) => {
  let number = 0;
  const parameters = cases(60, 700, 20_000);
  await fc.assert(
    fc.asyncProperty(world, async (made) => {
      late += 20_000;
      number += 1;
      await judge(made, number);
    }),
    parameters,
  );
  t.comment(JSON.stringify(counts));
  for (const [kind, least] of [
    ['GetSecretValue done done', 10],
    ['GetSecretValue missing done', 10],
    ['PutSecretValue done done', 3],
    ['PutSecretValue missing done', 10],
  ] as const) {
    t.ok((counts[kind] ?? 0) >= least, `${kind}: ${counts[kind]}`);
  }
});
