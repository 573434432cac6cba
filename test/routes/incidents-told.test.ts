import { join } from 'node:path';
import t from 'tap';
import { ESTATE } from '../estate/survey.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';
import { incidentsOf, startEstate } from '../incidents.ts';

const { aws, owner } = await startEstate(t);

/** The service with all scopes, whoever calls. */
async function service(env: Record<string, string> = {}) {
  const { call, app } = await build(t, { aws, env: { ...ESTATE, ...env } });
  const caller = {
    get: (url: string) => call('GET', url),
    post: (url: string, body?: unknown) => call('POST', url, body),
  };
  return { call, close: () => app.close(), ...caller, ...incidentsOf(caller) };
}

const policyAt = (SecretId: string) =>
  JSON.parse(String(owner('GetResourcePolicy', { SecretId })['ResourcePolicy'])) as { Statement: object[] };
const attach = (SecretId: string, Statement: object[]) =>
  owner('PutResourcePolicy', {
    ...{ SecretId, ResourcePolicy: JSON.stringify({ Version: '2012-10-17', Statement }), BlockPublicPolicy: false },
  });
const EVERYBODY = { Sid: 'Everybody', Effect: 'Allow', Principal: '*', Action: 'secretsmanager:Get*', Resource: '*' };

t.test('a lift that would leave a secret public is told with the statement, and how it can be lifted', async (t) => {
  const { call, begin, lift } = await service();
  const arn = String(owner('CreateSecret', { Name: 'told/public', SecretString: 'x' })['ARN']);
  await call('POST', '/v1/secrets/told%2Fpublic/shares', { principal: MARY, acknowledgeUnreadable: true });
  const { id } = await begin({ freeze: { secretIds: [arn] } });
  const { Statement } = policyAt(arn);
  attach(arn, [...Statement, EVERYBODY]);
  const partly = await lift(id);
  t.match(partly, { status: 'partlyLifted', notLiftedTotal: 1 });
  t.match(partly.notLifted, [
    {
      secretId: arn,
      problem: { code: 'policy-public', detail: /The statement Everybody/ },
      todo: /^Whoever may write the policy takes out, or ties to somebody, the statement that lets everybody in; then lift again/,
    },
  ]);
  attach(arn, [...Statement, { ...EVERYBODY, Principal: { AWS: MARY } }]);
  t.match(await lift(id), { status: 'lifted', notLifted: [] });
  t.notMatch(JSON.stringify(policyAt(arn)), /"Incident/);
});

t.test('of an account that the service works for no more it is told who can end what stands there', async (t) => {
  const DATABASE_URL = `sqlite:${join(t.testdir({}), 'audit.db')}`;
  const before = await service({ DATABASE_URL });
  const lost = String(
    aws.call('LOCALSHOPOWNER', 'us-east-1', 'secretsmanager', 'DescribeSecret', { SecretId: 'shop/orders' })['ARN'],
  );
  const kept = String(owner('DescribeSecret', { SecretId: 'demo/api-key' })['ARN']);
  const { id } = await before.begin({ freeze: { secretIds: [lost, kept] }, except: [APP_ROLE] });
  await before.close();
  const after = await service({ DATABASE_URL, ALLOWED_ACCOUNTS: '111111111111' });
  const partly = await after.lift(id);
  t.match(partly, { status: 'partlyLifted', notLiftedTotal: 1 });
  t.match(partly.notLifted, [
    {
      secretId: lost,
      problem: { code: 'forbidden' },
      todo: /named in ALLOWED_ACCOUNTS again by who runs it; or whoever/,
    },
  ]);
  await after.close();
  t.match(await (await service({ DATABASE_URL })).lift(id), { status: 'lifted' });
});

t.test('a hundred incidents stand at most, until one is lifted', async (t) => {
  const { post, begin, lift } = await service();
  const freeze = { freeze: { secretIds: ['never/was'] } };
  const ids: string[] = [];
  while (ids.length < 100) {
    const some = await Promise.all(Array.from({ length: 10 }, () => begin(freeze)));
    ids.push(...some.map(({ id }) => id));
  }
  t.match(await post('/v1/incidents', freeze), {
    status: 429,
    json: { code: 'rate-limited', detail: /100 incidents that stand/ },
    headers: { 'retry-after': '3600' },
  });
  t.match(await post('/v1/incidents?dryRun=true', freeze), { status: 200 }, 'it may be tried on');
  await lift(ids[0] ?? '');
  t.match(await begin(freeze), { status: 'standing' });
});
