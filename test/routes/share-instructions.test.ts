import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import { ABROAD, keyedSecret } from '../access/keyed-secret.ts';
import { build, MARY } from '../helper.ts';

const run = promisify(execFile);

t.test('what the reader needs is told for each Region, and is what makes it read', async (t) => {
  const secret = await keyedSecret(t);
  await secret.replicate(await secret.createKey(ABROAD));
  const url = async (body: object) => `${secret.url}/shares/${(await secret.share(body)).json.share.id}/instructions`;
  const before = (await secret.call('GET', await url({}))).json;
  t.match(before.open, [/^In us-east-1: The key does not let/, /^In eu-west-1: The key does not let/]);

  secret.aws.directory.setIdentityPolicies(MARY, []);
  const { status, json } = await secret.call('GET', await url({ complete: true }));
  t.equal(status, 200);
  t.same(json.open, []);
  t.strictSame(
    json.regions.map(({ region, arn }: { region: string; arn: string }) => [region, arn]),
    [
      ['us-east-1', secret.arn],
      [ABROAD, secret.inRegion(ABROAD)],
    ],
  );
  t.equal(await secret.maryReads(), 'AccessDeniedException');
  secret.aws.directory.setIdentityPolicies(MARY, [json.identityPolicy]);
  t.equal(await secret.maryReads(), 'done', 'with the identity policy that was told');
  t.equal(await secret.maryReads(ABROAD), 'done');
  for (const said of [secret.arn, secret.inRegion(ABROAD), json.commands.cli, '"kms:Decrypt"'])
    t.ok(json.markdown.includes(said), said);
});

t.test('the commands name the stage that the share is for, whatever stands in it', async (t) => {
  const { call } = await build(t);
  const shares = '/v1/secrets/demo%2Fdatabase/shares';
  const stage = 'it\'s "new" $(touch x) `y`';
  const { json: shared } = await call('POST', shares, { principal: MARY, versionStages: [stage] });
  const { json } = await call('GET', `${shares}/${shared.share.id}/instructions`);
  const { stdout } = await run('sh', ['-c', `aws() { printf '%s\\n' "$@"; }; ${json.commands.cli}`]);
  const words = stdout.split('\n');
  t.same(JSON.parse(words[words.indexOf('--cli-input-json') + 1] ?? ''), { VersionStage: stage }, 'in a shell');
  t.ok(json.commands.javascript.includes(`VersionStage: ${JSON.stringify(stage)}`));
  t.ok(json.commands.python.includes(`VersionStage=${JSON.stringify(stage)}`));
  t.match(json.markdown, /^Shared with .*\(touch x\) \\`y\\`/m, 'no code of its own in the text');
});

t.test('the AWS CLI reads no file of the reader for a stage', async (t) => {
  const { call } = await build(t);
  const shares = '/v1/secrets/demo%2Fdatabase/shares';
  for (const stage of ['file:///etc/passwd', 'fileb://x', '--debug', 'https://example.com/x', "it's"]) {
    const { json: shared } = await call('POST', shares, { principal: MARY, versionStages: [stage] });
    const { json } = await call('GET', `${shares}/${shared.share.id}/instructions`);
    const { stdout } = await run('sh', ['-c', `aws() { printf '%s\\n' "$@"; }; ${json.commands.cli}`]);
    const words = stdout.split('\n');
    t.notOk(words.includes(stage), 'no argument of its own');
    t.same(JSON.parse(words[words.indexOf('--cli-input-json') + 1] ?? ''), { VersionStage: stage });
  }
});

t.test('of keys nothing but through Secrets Manager is to be allowed; what has ended says so', async (t) => {
  let now = new Date('2026-11-25T12:00:00Z');
  const { call } = await build(t, { overrides: { clock: () => now } });
  const shares = '/v1/secrets/demo%2Fdatabase/shares';
  const { json: shared } = await call('POST', shares, { principal: MARY, expiresIn: '1d' });
  const told = async () => (await call('GET', `${shares}/${shared.share.id}/instructions`)).json;
  t.match((await told()).identityPolicy.Statement, [
    {
      Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
      Resource: /^arn:aws:secretsmanager:/,
    },
    {
      ...{ Action: ['kms:Decrypt'], Resource: /^arn:aws:kms:/ },
      Condition: { StringLike: { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' } },
    },
  ]);
  now = new Date('2026-11-27T12:00:00Z');
  t.match((await told()).open[0], /^It ended at 2026-11-26T12:00:00/);
});

t.test('a share that reads nothing has no commands, one with a service no identity policy', async (t) => {
  const { call } = await build(t);
  const shares = '/v1/secrets/demo%2Fdatabase/shares';
  const told = async (body: object) => {
    const { json } = await call('POST', shares, body);
    return (await call('GET', `${shares}/${json.share.id}/instructions`)).json;
  };
  const looks = await told({ principal: MARY, actions: ['secretsmanager:DescribeSecret'] });
  t.equal(looks.commands, null);
  t.notMatch(looks.markdown, /## Read it/);
  const service = await told({ service: { name: 'appflow.amazonaws.com', sourceAccount: '222222222222' } });
  t.match(service, { commands: null, identityPolicy: null });
  t.equal((await call('GET', `${shares}/${'0'.repeat(24)}/instructions`)).json.code, 'share-not-found');
});

t.test(
  'of a role it is told how pods read with it; of others, and of roles that are AWS’s own to trust, not',
  async (t) => {
    const { call } = await build(t);
    const shares = '/v1/secrets/demo%2Fdatabase/shares';
    const annotationOf = async (body: object) => {
      const { json: shared } = await call('POST', shares, body);
      const { json } = await call('GET', `${shares}/${shared.share.id}/instructions`);
      t.equal(json.markdown.includes('eks.amazonaws.com'), json.serviceAccountAnnotation !== null);
      return json.serviceAccountAnnotation;
    };
    const app = 'arn:aws:iam::222222222222:role/app';
    t.equal(await annotationOf({ principal: app }), `eks.amazonaws.com/role-arn: ${app}`);
    t.equal(await annotationOf({ principal: MARY }), null);
    t.equal(await annotationOf({ principal: '222222222222' }), null);
    t.equal(await annotationOf({ permissionSet: { name: 'Ops', account: '222222222222' } }), null);
  },
);
