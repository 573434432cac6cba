import t from 'tap';
import { build, MARY } from '../helper.ts';
import { eventually } from '../wait.ts';

/** Desired state: a manifest lists all entries of ours that each secret is to have. */

const SECRET = '/v1/secrets/demo%2Fdatabase';
const READ = 'secretsmanager:GetSecretValue';
const THEIRS = { Sid: 'Theirs', Effect: 'Allow', Principal: { AWS: '333333333333' }, Action: READ, Resource: '*' };

async function start(test: Parameters<typeof build>[0]) {
  const service = await build(test);
  const { call } = service;
  const plan = async (secrets: object) => call('POST', '/v1/manifests/plan', { secrets });
  const apply = async (body: object) => {
    const begun = await call('POST', '/v1/manifests/apply', body);
    if (begun.status !== 202) return { status: begun.status, json: begun.json };
    const json = await eventually(async () => {
      const operation = (await call('GET', String(begun.headers['location']))).json;
      if (operation.finishedAt === null) throw new Error(JSON.stringify(operation));
      return operation;
    });
    return { status: 202, json };
  };
  const policy = async () => (await call('GET', `${SECRET}/policy`)).json;
  return { ...service, plan, apply, policy };
}

t.test(
  'what is listed comes, what is not goes, statements of others stay; a second time there is nothing to do',
  async (t) => {
    const { call, plan, apply, policy, readAs, arnOf } = await start(t);
    await call('PUT', `${SECRET}/policy`, { Version: '2012-10-17', Statement: [THEIRS] }, { 'if-none-match': '*' });
    const old = await call('POST', `${SECRET}/shares`, { principal: '222222222222' });
    const secrets = {
      'demo/database': {
        shares: [{ principal: MARY }, { principal: '222222222222', expiresAt: '2020-01-01T00:00:00Z' }],
        denials: [{ account: '222222222222', match: 'arn' }],
        restrictions: [],
      },
      'demo/api-key': { shares: [{ permissionSet: { name: 'Ops', account: '222222222222' } }] },
    };
    const planned = await plan(secrets);
    t.equal(planned.status, 200);
    t.match(planned.json, {
      empty: false,
      secrets: {
        'demo/database': {
          add: [
            { kind: 'share', principal: MARY },
            { kind: 'denial', account: '222222222222' },
          ],
          remove: [{ id: old.json.share.id }],
          effect: { gains: [{ principal: MARY }] },
        },
        'demo/api-key': { remove: [] },
      },
    });
    const { json } = await apply({ secrets, plan: planned.json.plan, reason: 'as in the repository' });
    t.match(json, { action: 'applyManifest', counts: { total: 2, applied: 2 } });
    t.match(await policy(), { foreign: [{ Sid: 'Theirs' }], shares: [{ principal: MARY }], denials: [{}] });
    t.equal(await readAs('LOCALMARY', await arnOf('demo/database')), 'read');
    const { items } = (await call('GET', '/v1/audit-events?action=applyManifest&outcome=applied')).json;
    t.match(items, [{ reason: 'as in the repository' }, {}]);

    const again = await plan(secrets);
    t.match(again.json, { empty: true, secrets: { 'demo/database': { add: [], remove: [] } } });
    await call(
      'PUT',
      `${SECRET}/policy`,
      { ...(await policy()).policy, Statement: [...(await policy()).policy.Statement.slice(1)] },
      { 'if-match': '*' },
    );
    t.match((await plan(secrets)).json, { empty: true }, 'also beside somebody else');
    t.match((await apply({ secrets })).json, { counts: { total: 2, unchanged: 2 } });
  },
);

t.test('what is exported changes nothing when it is applied', async (t) => {
  const { call, plan } = await start(t);
  for (const [list, body] of [
    ['shares', { principal: MARY, versionStages: ['AWSCURRENT'], expiresAt: '2040-01-01T00:00:00Z' }],
    ['shares', { principal: '222222222222', actions: ['secretsmanager:*'], acknowledgeEscalation: true }],
    ['shares', { organizationalUnit: 'o-local00001/r-root/ou-root-workload', principalTags: { team: 'a' } }],
    ['shares', { service: { name: 'appflow.amazonaws.com', sourceAccount: '222222222222' } }],
    ['denials', { permissionSet: { name: 'Ops', account: '222222222222' } }],
    ['denials', { account: '333333333333', match: 'arn' }],
    [
      'restrictions',
      { boundary: { vpcs: ['vpc-12345678'] }, exceptPrincipals: [MARY], exceptServiceLinkedRoles: true },
    ],
  ] as const) {
    const { status, body: text } = await call('POST', `${SECRET}/${list}`, body);
    t.equal(status, 201, text);
  }
  const exported = await call('GET', '/v1/manifests/export?secretId=demo%2Fdatabase&secretId=demo%2Fapi-key');
  t.equal(exported.status, 200);
  t.match(exported.json.secrets, { 'demo/database': { shares: { length: 4 } }, 'demo/api-key': { shares: [] } });
  const planned = await plan(exported.json.secrets);
  t.match(planned, { status: 200, json: { empty: true } }, planned.body);
});

t.test('a plan that went stale is refused, and so is one of another manifest', async (t) => {
  const { call, plan, apply, policy } = await start(t);
  const secrets = { 'demo/database': { shares: [{ principal: MARY }] } };
  const { json } = await plan(secrets);
  const other = { 'demo/database': { shares: [] } };
  t.match(await apply({ secrets: other, plan: json.plan }), { status: 412, json: { code: 'policy-changed' } });
  await call('POST', `${SECRET}/shares`, { principal: '222222222222' });
  t.match(await apply({ secrets, plan: json.plan }), { status: 412, json: { code: 'policy-changed' } });
  t.match(await policy(), { shares: [{ principal: 'arn:aws:iam::222222222222:root' }] }, 'nothing was done');
});

t.test('a manifest is refused as a whole, before anything is done', async (t) => {
  const { plan, apply, policy, arnOf } = await start(t);
  const twice = { 'demo/database': {}, [await arnOf('demo/database')]: {} };
  t.match(await plan(twice), { status: 400, json: { code: 'validation-failed' } });
  for (const [secrets, code] of [
    [{ 'demo/database': { shares: [{ principal: MARY }] }, nothing: {} }, 'secret-not-found'],
    [
      { 'demo/database': { shares: [{ principal: MARY, actions: ['secretsmanager:*'] }] } },
      'escalation-not-acknowledged',
    ],
    [{ 'demo/default-key': { shares: [{ principal: MARY }] } }, 'kms-key-not-shareable'],
    [{ 'demo/database': { shares: [{ principal: MARY, grantKey: true }] } }, 'validation-failed'],
    [{ 'demo/database': { denny: [] } }, 'validation-failed'],
  ] as const) {
    t.match((await apply({ secrets })).json, { code });
  }
  t.equal((await policy()).policy, null);
});

t.test('a share that a manifest takes away takes its key grant with it', async (t) => {
  const { call, apply, aws } = await start(t);
  const secret = { Name: 'team/private', SecretString: 'x', KmsKeyId: 'alias/private' };
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'CreateSecret', secret);
  await call('POST', '/v1/secrets/team%2Fprivate/shares', { principal: MARY, grantKey: true });
  const events = async (action: string) =>
    (await call('GET', `/v1/audit-events?action=${action}&outcome=applied`)).json.items;
  t.equal((await events('createGrant')).length, 1);
  t.match((await apply({ secrets: { 'team/private': {} } })).json, { counts: { applied: 1 } });
  t.equal((await events('revokeGrant')).length, 1);
});
