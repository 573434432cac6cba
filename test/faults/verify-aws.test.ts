import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { IN_BOTH, IN_THE_FIRST } from '../../scripts/verify-aws/permissions.ts';
import { type LocalAws, seed, startLocalAws } from '../../src/local-aws/index.ts';
import { startFaultProxy } from '../aws/fault-proxy.ts';
import { CHILD_ENV } from '../child-env.ts';
import { until } from '../wait.ts';

/** `npm run verify:aws` as it runs on real accounts: the stand-in has to do what the kit wants of AWS. */
async function withKit(t: Test, lagMs = 0) {
  const local = await startLocalAws({ port: 0, file: ':memory:', lagMs });
  t.teardown(() => local.close());
  seed(local);
  const directory = t.testdir();
  const [config, reportFile] = [join(directory, 'config'), join(directory, 'report.md')];
  const profiles = { a: 'LOCALOWNER', b: 'LOCALOTHEROWNER', narrow: 'NARROW', exact: 'EXACT', bare: 'BARE' };
  const sections = Object.entries(profiles).map(
    ([name, key]) => `[profile ${name}]\naws_access_key_id = ${key}\naws_secret_access_key = any\n`,
  );
  writeFileSync(config, sections.join('\n'));
  const start = (args: string[], endpoint = local.url) => {
    const env = {
      ...CHILD_ENV,
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_ENDPOINT_URL: endpoint,
    };
    const child = spawn(process.execPath, ['scripts/verify-aws/index.ts', '--report', reportFile, ...args], { env });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(String(chunk)));
    const ended = once(child, 'close').then(([code]) => ({ code, output: output.join('') }));
    return { child, ended };
  };
  const run = (args: string[], endpoint?: string) => start(args, endpoint).ended;
  return { local, start, run, report: () => readFileSync(reportFile, 'utf8'), hasReport: () => existsSync(reportFile) };
}

const TWO = ['--account-profile', 'a', '--other-profile', 'b'];

/** What of the kit's is there: secrets, roles, and keys that are not about to be deleted. */
function left(local: LocalAws): string[] {
  const call = (key: string, service: 'secretsmanager' | 'kms' | 'iam', operation: string, input: object) =>
    local.call(key, 'us-east-1', service, operation, input);
  return ['LOCALOWNER', 'LOCALOTHEROWNER'].flatMap((key) => {
    const { SecretList } = call(key, 'secretsmanager', 'ListSecrets', {}) as { SecretList: { Name: string }[] };
    const { Roles } = call(key, 'iam', 'ListRoles', {}) as { Roles: { RoleName: string }[] };
    const { Keys } = call(key, 'kms', 'ListKeys', {}) as { Keys: { KeyId: string }[] };
    const enabled = Keys.filter(({ KeyId }) => {
      const { Tags } = call(key, 'kms', 'ListResourceTags', { KeyId }) as { Tags: { TagKey: string }[] };
      const { KeyMetadata } = call(key, 'kms', 'DescribeKey', { KeyId }) as { KeyMetadata: { KeyState: string } };
      return Tags.some(({ TagKey }) => TagKey === 'verify-aws') && KeyMetadata.KeyState !== 'PendingDeletion';
    });
    return [...SecretList.map(({ Name }) => Name), ...Roles.map(({ RoleName }) => RoleName)]
      .filter((name) => name.startsWith('verify-aws'))
      .concat(enabled.map(({ KeyId }) => KeyId));
  });
}

t.test('every fact holds on the stand-in, and nothing is left', async (t) => {
  const { run, local, report } = await withKit(t);
  const { code, output } = await run([...TWO, '--patience', '1', '--yes']);
  t.equal(code, 0, output);
  t.match(output, /Cost: .*\n[\s\S]*Permissions, in both accounts/, 'said beforehand');
  t.match(output, /46 hold, 0 fail, 11 untried/);
  t.match(output, /Access Analyzer was not asked: UnknownOperationException/, 'which the stand-in has not');
  t.match(report(), /\| holds \| PutResourcePolicy replaces the whole document.* \| Second \| Second \|/);
  t.same(left(local), []);
});

t.test('it takes the permissions that it says beforehand, and no others', async (t) => {
  const { run, local } = await withKit(t);
  const user = (arn: string, accessKeyId: string, Action: readonly string[]) =>
    local.directory.createUser({
      arn,
      accessKeyId,
      policies: [{ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: [...Action], Resource: '*' } }],
    });
  user('arn:aws:iam::111111111111:user/exact', 'EXACT', [...IN_BOTH, ...IN_THE_FIRST]);
  user('arn:aws:iam::333333333333:user/bare', 'BARE', IN_BOTH);
  const profiles = ['--account-profile', 'exact', '--other-profile', 'bare', '--patience', '1'];
  const { code, output } = await run([...profiles, '--yes']);
  t.equal(code, 0, output);
  t.match(output, /46 hold, 0 fail, 11 untried/);
  for (const action of [...IN_BOTH, ...IN_THE_FIRST]) t.match(output, action.replace(/^.*:/, ''), action);
  t.same(left(local), []);
});

t.test('every fact holds where what is written is seen later', async (t) => {
  const { run, local } = await withKit(t, 300);
  const { code, output } = await run([...TWO, '--patience', '60', '--yes']);
  t.equal(code, 0, output);
  t.same(left(local), []);
});

/** What the stand-in could do otherwise than AWS, by operation: other words, another answer, a call that does nothing. */
const INFIDELITIES: Record<string, (body: string) => string> = {
  ValidateResourcePolicy: () => JSON.stringify({ PolicyValidationPassed: true, ValidationErrors: [] }),
  GetResourcePolicy: (body) => body.replaceAll(/arn:aws:iam::(\d{12}):root/g, '$1'),
  PutResourcePolicy: (body) => body.replace('MalformedPolicyDocumentException', 'InvalidParameterException'),
  ListSecretVersionIds: (body) => body.replaceAll('KmsKeyIds', 'Keys'),
  CreateGrant: (body) => body.replace(/"GrantId":"\w+"/, `"GrantId":"${randomBytes(32).toString('hex')}"`),
};

t.test('what is not as AWS has it turns it red', async (t) => {
  const { run, local, report } = await withKit(t);
  const proxy = await startFaultProxy({
    target: local.url,
    passing: async (call, forward) => {
      const reply = await forward();
      const body = Buffer.from(INFIDELITIES[call.operation]?.(reply.body.toString()) ?? reply.body);
      return { ...reply, headers: { ...reply.headers, 'content-length': body.length }, body };
    },
  });
  t.teardown(() => proxy.close());
  const { code, output } = await run([...TWO, '--patience', '1', '--yes'], proxy.url);
  t.equal(code, 1);
  for (const fact of [
    'ValidateResourcePolicy checks syntax, broad access and lock-out of its caller',
    "AWS gives a document back normalised: lists of one as a string, an account's id as its root ARN",
    'A principal that is not there is refused with MalformedPolicyDocumentException',
    'ListSecretVersionIds shows the keys of each version',
    'The same name and parameters give the first grant again',
  ]) {
    t.match(output, `FAILS: ${fact}`);
    t.match(report(), `| fails | ${fact}`);
  }
  t.match(output, /FAILS: ValidateResourcePolicy .*\n {2}expected: .*lock-out: fails\n {2}seen: .*lock-out: passes/);
  t.same(left(local), []);
});

t.test('an error that Access Analyzer finds in a policy that is written turns it red', async (t) => {
  const { run, local, report } = await withKit(t);
  const finding = {
    issueCode: 'INVALID_ACTION',
    findingDetails: 'No such action.',
    learnMoreLink: 'https://x',
    locations: [],
  };
  let asked = 0;
  const proxy = await startFaultProxy({
    target: local.url,
    passing: async ({ operation }, forward) => {
      if (operation !== 'unknown') return forward();
      asked += 1;
      const findings = asked === 1 ? [{ ...finding, findingType: 'ERROR' }] : [];
      const body = Buffer.from(JSON.stringify({ findings }));
      return { status: 200, headers: { 'content-type': 'application/json', 'content-length': body.length }, body };
    },
  });
  t.teardown(() => proxy.close());
  const { code, output } = await run([...TWO, '--patience', '1', '--yes'], proxy.url);
  t.equal(code, 1, output);
  t.match(output, /46 hold, 0 fail, 11 untried/);
  t.match(
    report(),
    `IAM Access Analyzer: 1 findings in ${asked} policies\n- ERROR INVALID_ACTION, the AWS guide’s share`,
  );
  t.ok(asked > 20, 'every policy that is written');
});

t.test('nothing is made unasked, in one account only, or where it could not be deleted', async (t) => {
  const { run, local, hasReport } = await withKit(t);
  const says = async (args: string[], message: RegExp) => {
    const { code, output } = await run(args);
    t.equal(code, 2);
    t.match(output, message);
    t.same(left(local), []);
    t.notOk(hasReport());
  };
  await says(TWO, /Nothing was done\. Say --yes/);
  await says(['--account-profile', 'a'], /Which accounts\?/);
  await says(['--account-profile', 'a', '--other-profile', 'a', '--yes'], /of one account; it takes two/);
  local.directory.createUser({
    arn: 'arn:aws:iam::111111111111:user/narrow',
    accessKeyId: 'NARROW',
    policies: [
      {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: '*', Resource: '*' },
          { Effect: 'Deny', Action: ['secretsmanager:DeleteSecret', 'iam:DeleteRole'], Resource: '*' },
        ],
      },
    ],
  });
  await says(
    ['--account-profile', 'narrow', '--other-profile', 'b', '--yes'],
    /Could not clean up in 111111111111:\n {2}secretsmanager:DeleteSecret: .*\n {2}iam:DeleteRole: /,
  );
});

t.test('after a kill -9, --clean deletes what was left and nothing else', async (t) => {
  const { start, run, local } = await withKit(t);
  const owner = (operation: string, input: object) =>
    local.call('LOCALOWNER', 'us-east-1', 'secretsmanager', operation, input);
  owner('CreateSecret', { Name: 'verify-aws/theirs' });
  const { child, ended } = start([...TWO, '--patience', '1', '--yes']);
  await until(() => left(local).some((name) => name.includes('/secret-5x')));
  child.kill('SIGKILL');
  await ended;
  t.ok(left(local).length > 5);
  const { code } = await run([...TWO, '--clean']);
  t.equal(code, 0);
  t.same(left(local), ['verify-aws/theirs'], 'its name alone does not make it the kit’s');
});
