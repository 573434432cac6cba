import t from 'tap';
import { seed, seedEstate, startLocalAws } from '../../src/local-aws/index.ts';
import { APP_ROLE, build } from '../helper.ts';
import { ESTATE, survey } from './survey.ts';

const aws = await startLocalAws({ port: 0, file: ':memory:' });
seed(aws);
seedEstate(aws);
t.teardown(() => aws.close());
const built = await build(t, { aws, env: ESTATE });
const { call } = built;

type Found = { kind: string; secret: { name: string }; since: string };
const findings = async (query = ''): Promise<Found[]> => (await call('GET', `/v1/findings${query}`)).json.items;
const shown = (some: Found[]) => some.map(({ kind, secret }) => [secret.name, kind]);
const put = (SecretId: string, ...Statement: object[]) =>
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutResourcePolicy', {
    ...{ SecretId, ResourcePolicy: JSON.stringify({ Version: '2012-10-17', Statement }), BlockPublicPolicy: false },
  });
const lets = (Principal: object | string, Effect = 'Allow') => ({
  ...{ Effect, Principal, Action: 'secretsmanager:GetSecretValue', Resource: '*' },
});

await survey(built);

t.test('what is certainly wrong is found, and nothing that is only perhaps so', async (t) => {
  t.strictSame(shown(await findings()), [
    ['demo/report', 'outside-reader'],
    ['billing/exports', 'outside-reader'],
    ['billing/exports', 'unusable-share'],
    ['shop/mail', 'outside-reader'],
    ['shop/orders', 'outside-reader'],
    ['shop/ledger', 'outside-reader'],
    ['shop/orders', 'outside-reader'],
  ]);
  t.strictSame(await findings('?severity=critical'), []);
});

t.test('findings open and close by themselves, and keep their time meanwhile', async (t) => {
  aws.directory.createRole({ arn: 'arn:aws:iam::222222222222:role/gone', policies: [] });
  const gone = { AWS: 'arn:aws:iam::222222222222:role/gone' };
  put('demo/api-key', lets('*'));
  put('demo/default-key', lets({ AWS: APP_ROLE }));
  put('demo/database', lets(gone), lets(gone, 'Deny'));
  aws.directory.deletePrincipal(gone.AWS);
  await survey(built, { account: '111111111111', region: 'us-east-1' });
  const opened = (await findings('?limit=1000')).filter(({ secret }) => /^demo\/(?!report)/.test(secret.name));
  t.strictSame(shown(opened), [
    ['demo/api-key', 'public'],
    ['demo/database', 'lapsed-denial'],
    ['demo/database', 'orphan'],
    ['demo/default-key', 'outside-reader'],
    ['demo/default-key', 'unusable-share'],
  ]);
  t.strictSame(shown(await findings('?kind=public')), [['demo/api-key', 'public']]);
  t.strictSame(shown(await findings('?secret=demo/database&severity=high')), [['demo/database', 'lapsed-denial']]);
  const { json } = await call('GET', '/v1/estate/secrets?finding=unusable-share');
  t.match(json.items, [
    { name: 'billing/exports' },
    { name: 'demo/default-key', findings: ['outside-reader', 'unusable-share'] },
  ]);
  t.match((await call('GET', '/metrics')).body, /secret_access_findings\{kind="public"\} 1/);

  await survey(built, { secretId: 'demo/default-key' });
  t.strictSame(
    (await findings('?secret=demo/default-key')).map(({ since }) => since),
    opened.slice(3).map(({ since }) => since),
  );
  put('demo/api-key', lets({ AWS: 'arn:aws:iam::333333333333:root' }));
  await survey(built, { secretId: 'demo/api-key' });
  t.strictSame(await findings('?kind=public'), []);
  t.match((await call('GET', '/metrics')).body, /secret_access_findings\{kind="public"\} 0/);
});

t.test('pages hold each finding once', async (t) => {
  const all = shown(await findings('?limit=1000'));
  const paged: unknown[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { json } = await call('GET', `/v1/findings?limit=2${cursor && `&cursor=${cursor}`}`);
    paged.push(...shown(json.items));
    cursor = json.nextCursor;
  }
  t.strictSame(paged, all);
});
