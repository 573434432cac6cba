import fc from 'fast-check';
import t from 'tap';
import { seed, startLocalAws } from '../../src/local-aws/index.ts';
import { survey } from '../estate/survey.ts';
import { build } from '../helper.ts';
import { SEED } from '../runs.ts';

/** One estate, asked about from the side of each reader, and each answer held against a real call: some 10,000 of them. */

const OWNER = '111111111111';
const ACCOUNTS = ['222222222222', '333333333333', '444444444444', '555555555555'];
const ORGANIZATION = 'o-sampled0001';
const SECRETS = 170;
const OF_EACH = 13;
const EVERYTHING = {
  Version: '2012-10-17' as const,
  Statement: { Effect: 'Allow' as const, Action: '*', Resource: '*' },
};

/** The second for a secret of another account under the AWS managed key. */
const REFUSED = ['AccessDeniedException', 'InvalidRequestException'];

type Reader = { arn: string; accessKeyId: string };
const readers: Reader[] = [OWNER, ...ACCOUNTS].flatMap((account) =>
  ['user', 'role'].flatMap((type) =>
    Array.from({ length: OF_EACH }, (_, at) => ({
      ...{ arn: `arn:aws:iam::${account}:${type}/s${at}`, accessKeyId: `${type}${account}${at}` },
    })),
  ),
);

const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...readers.map(({ arn }) => arn)) },
  { weight: 3, arbitrary: fc.constantFrom(OWNER, ...ACCOUNTS).map((account) => `arn:aws:iam::${account}:root`) },
);
const whom = fc.oneof(
  { weight: 6, arbitrary: fc.uniqueArray(name, { minLength: 1, maxLength: 4 }).map((AWS) => ({ Principal: { AWS } })) },
  { weight: 1, arbitrary: fc.constant({ Principal: '*' }) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom('Equals', 'NotEquals'),
        fc.oneof(
          fc.constantFrom(OWNER, ...ACCOUNTS).map((account) => ['String', 'aws:PrincipalAccount', account]),
          fc.constantFrom(...readers).map(({ arn }) => ['Arn', 'aws:PrincipalArn', arn]),
          fc.constant(['String', 'aws:PrincipalOrgID', ORGANIZATION]),
        ),
      )
      .map(([test, [type = '', key = '', value = '']]) => ({
        ...{ Principal: '*', Condition: { [type + test]: { [key]: value } } },
      })),
  },
);
const statement = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
    Action: fc.constantFrom(
      'secretsmanager:GetSecretValue',
      'secretsmanager:*',
      'secretsmanager:Get*',
      'secretsmanager:DescribeSecret',
    ),
    whom,
  })
  .map(({ whom: of, ...one }) => ({ ...one, ...of, Resource: '*' }));
const policy = fc.array(statement, { maxLength: 5 });

type Listed = {
  secret: { arn: string };
  decision: string;
  exceptions: unknown[];
  legs: { leg: string; status: string }[];
};

/** Whether it reads, with an identity policy that lets everything; null where the answer is not definite. */
function saidOf(listed: Listed | undefined): boolean | null {
  if (listed === undefined) return false;
  const { decision, legs } = listed;
  if (decision === 'explicitlyDenied') return false;
  if (decision !== 'allowed') return null;
  if (legs.some(({ status }) => status === 'missing')) return false;
  const others = legs.filter(({ leg }) => leg !== 'identityPolicy');
  return others.every(({ status }) => status === 'done' || status === 'notNeeded') ? true : null;
}

t.test('10,000 answers from the readers’ side are what the stand-in does', async (t) => {
  const aws = await startLocalAws({ port: 0, file: ':memory:' });
  seed(aws);
  t.teardown(() => aws.close());
  const built = await build(t, { aws, env: { AWS_REQUESTS_PER_SECOND: '10000' } });
  for (const { arn, accessKeyId } of readers) {
    const principal = { arn, accessKeyId, policies: [EVERYTHING] };
    if (arn.includes(':user/')) aws.directory.createUser(principal);
    else aws.directory.createRole(principal);
  }
  aws.accounts.setOrganization('222222222222', ORGANIZATION);
  aws.accounts.setOrganization('333333333333', ORGANIZATION);
  const owner = (operation: string, input: object) =>
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', operation, input);
  const keys = ['alias/demo', 'alias/private', undefined];
  const arns = fc.sample(policy, { numRuns: SECRETS, seed: SEED }).map((Statement, at) => {
    const KmsKeyId = keys[at % keys.length];
    const made = owner('CreateSecret', { Name: `sampled/${at}`, SecretString: 'x', ...(KmsKeyId && { KmsKeyId }) });
    const document = { Version: '2012-10-17', Statement };
    if (Statement.length > 0)
      owner('PutResourcePolicy', { SecretId: made['ARN'], ResourcePolicy: JSON.stringify(document) });
    return String(made['ARN']);
  });
  await survey(built);
  /** A policy may lock the service out: then it was never seen, and nothing is said of it. */
  const { json: estate } = await built.call('GET', '/v1/estate/secrets?limit=1000');
  const unseen = new Set(
    estate.items.flatMap(({ arn, exposure }: { arn: string; exposure: string | null }) =>
      exposure === null ? arn : [],
    ),
  );

  const counts = { true: 0, false: 0, null: 0, wrong: 0 };
  for (const { arn: reader, accessKeyId } of readers) {
    const listed = new Map<string, Listed>();
    for (let cursor: string | null = ''; cursor !== null; ) {
      const url = `/v1/principals/${encodeURIComponent(reader)}/secrets?limit=1000${cursor && `&cursor=${cursor}`}`;
      const { json } = await built.call('GET', url);
      for (const item of json.items) listed.set(item.secret.arn, item);
      cursor = json.nextCursor;
    }
    for (const arn of arns) {
      const said = unseen.has(arn) ? null : saidOf(listed.get(arn));
      counts[`${said}`] += 1;
      if (said === null || said === reads(accessKeyId, arn)) continue;
      counts.wrong += 1;
      t.fail(`${reader} ${said ? 'reads' : 'does not read'} ${arn}`, {
        policy: aws.keptPolicy(arn),
        said: listed.get(arn),
      });
    }
  }
  t.comment(JSON.stringify(counts));
  t.equal(counts.wrong, 0);
  // About two in three are definite, and one in twenty says that somebody reads: of any seed.
  const pairs = readers.length * arns.length;
  const definite = counts.true + counts.false;
  t.ok(definite >= 0.4 * pairs, `${definite} definite answers of ${pairs}`);
  t.ok(counts.true >= 0.005 * pairs, `${counts.true} of them that somebody reads`);

  function reads(accessKeyId: string, SecretId: string): boolean {
    try {
      aws.call(accessKeyId, 'us-east-1', 'secretsmanager', 'GetSecretValue', { SecretId });
      return true;
    } catch (error) {
      if (!REFUSED.includes((error as { code?: string }).code ?? '')) throw error;
      return false;
    }
  }
});
