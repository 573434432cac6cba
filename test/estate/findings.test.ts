import t from 'tap';
import { seed, seedEstate, startLocalAws } from '../../src/local-aws/index.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';
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
  t.match((await call('GET', '/metrics')).body, /secret_access_findings\{kind="public",severity="critical"\} 1/);

  await survey(built, { secretId: 'demo/default-key' });
  t.strictSame(
    (await findings('?secret=demo/default-key')).map(({ since }) => since),
    opened.slice(3).map(({ since }) => since),
  );
  put('demo/api-key', lets({ AWS: 'arn:aws:iam::333333333333:root' }));
  await survey(built, { secretId: 'demo/api-key' });
  t.strictSame(await findings('?kind=public'), []);
  t.match((await call('GET', '/metrics')).body, /secret_access_findings\{kind="public",severity="critical"\} 0/);
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

const FAR = '2099-01-01T00:00:00Z';
type Listed = { id: string; etag: string; status: string; acknowledged: object | null };
const listed = async (query: string): Promise<Listed[]> => (await call('GET', `/v1/findings${query}`)).json.items;
const acknowledge = (id: string, body: object) => call('POST', `/v1/findings/${id}/acknowledge`, body);
const counted = async (metric: string): Promise<number> => {
  const { body } = await call('GET', '/metrics');
  return Number(new RegExp(`^${metric}\\{kind="outside-reader",severity="medium"\\} (\\d+)$`, 'm').exec(body)?.[1]);
};

t.test('somebody says that one may stay until a date: it counts apart, until another comes to it', async (t) => {
  const of = '?secret=demo/default-key&kind=outside-reader';
  const before = await counted('secret_access_findings');
  const [finding] = await listed(of);
  const id = String(finding?.id);
  t.match(finding, { status: 'open', acknowledged: null });
  const etag = String(finding?.etag);
  const said = { reason: 'A partner', until: FAR, ticket: 'OPS-1' };
  t.match(await acknowledge(id, { ...said, etag: '"x"' }), { status: 412, json: { code: 'finding-changed', etag } });
  const { status, json } = await acknowledge(id, { ...said, etag });
  t.match([status, json], [200, { id, status: 'acknowledged' }]);
  t.match(json.acknowledged, { by: 'anonymous', reason: 'A partner', until: '2099-01-01T00:00:00.000Z' });
  t.match(await listed(of), [json]);
  t.match(await listed(`${of}&status=acknowledged`), [{ id }]);
  t.strictSame(await listed(`${of}&status=open`), []);
  t.equal(await counted('secret_access_findings'), before - 1);
  t.equal(await counted('secret_access_findings_acknowledged'), 1);
  const [event] = (await call('GET', '/v1/audit-events?action=acknowledgeFinding')).json.items;
  t.match(event, {
    secret: { name: 'demo/default-key' },
    reason: 'A partner',
    ticket: 'OPS-1',
    request: { finding: id },
  });

  const SecretId = 'demo/default-key';
  put(SecretId, lets({ AWS: APP_ROLE }), lets({ AWS: MARY }));
  await survey(built, { secretId: SecretId });
  t.match(await listed(`${of}&status=open`), [{ id, acknowledged: null }], 'that was not said of somebody else');
  t.match(await acknowledge(id, { ...said, etag }), { status: 412 }, 'nor can it be, unseen');
  put(SecretId, lets({ AWS: APP_ROLE }));
  await survey(built, { secretId: SecretId });
  t.match(await listed(`${of}&status=acknowledged`), [{ id }]);
});

t.test('what is over, was never there, or has no reason is not acknowledged', async (t) => {
  const [finding] = await listed('');
  const id = String(finding?.id);
  const etag = String(finding?.etag);
  const past = await acknowledge(id, { etag, reason: 'x', until: '2020-01-01T00:00:00Z' });
  t.match(past, { status: 400, json: { errors: [{ path: '/until' }] } });
  t.match(await acknowledge(id, { etag, until: FAR }), { status: 400 });
  t.match(await acknowledge(id, { reason: 'x', until: FAR }), { status: 400 });
  t.match(await acknowledge('f'.repeat(24), { etag, reason: 'x', until: FAR }), {
    status: 404,
    json: { code: 'finding-not-found' },
  });
});

t.test('what opens and closes is on record, once each', async (t) => {
  const of = async (action: string) =>
    (await call('GET', `/v1/audit-events?action=${action}&secret=demo/api-key`)).json.items.map(
      ({ request, actor }: { request: { kind: string }; actor: { method: string } }) => [request.kind, actor.method],
    );
  t.strictSame(await of('openFinding'), [
    ['unusable-share', 'system'],
    ['public', 'system'],
  ]);
  t.strictSame(await of('closeFinding'), [['public', 'system']]);
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'DeleteSecret', {
    SecretId: 'demo/api-key',
    ForceDeleteWithoutRecovery: true,
  });
  await survey(built, { account: '111111111111', region: 'us-east-1' });
  t.strictSame(await of('closeFinding'), [
    ['unusable-share', 'system'],
    ['public', 'system'],
  ]);
  const { json } = await call('GET', '/v1/audit-events?action=openFinding&view=changes&secret=demo/api-key');
  t.match(json.items[1], { summary: 'Found: public: The policy lets everybody read.' });
});
