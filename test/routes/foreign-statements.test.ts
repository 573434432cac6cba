import t from 'tap';
import { build, MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';

/** Statements of others: adopted, removed, and told of where they allow what is asked already. */

const SECRET = '/v1/secrets/demo%2Fdatabase';
const READ = 'secretsmanager:GetSecretValue';
const OURS_IN_ALL_BUT_SID = {
  Sid: 'Reporting',
  Effect: 'Allow',
  Principal: { AWS: MARY },
  Action: READ,
  Resource: '*',
};
const NO_TEMPLATE = {
  Effect: 'Deny',
  Principal: '*',
  Action: READ,
  Resource: '*',
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};

async function start(test: Parameters<typeof build>[0]) {
  const service = await build(test);
  const { call } = service;
  const policy = async () => (await call('GET', `${SECRET}/policy`)).json;
  await call(
    'PUT',
    `${SECRET}/policy`,
    { Version: '2012-10-17', Statement: [OURS_IN_ALL_BUT_SID, NO_TEMPLATE] },
    { 'if-none-match': '*' },
  );
  return { ...service, policy };
}

t.test('a statement that a template says becomes ours, and nobody gains or loses', async (t) => {
  const { call, policy, readAs, arnOf } = await start(t);
  const { foreignStatements, etag } = await policy();
  matchList(t, foreignStatements, [
    { sid: 'Reporting', template: 'share-with-principal' },
    { sid: null, template: null },
  ]);
  const [{ hash }, other] = foreignStatements;
  const adopt = `${SECRET}/policy/adopt`;
  const rehearsal = await call('POST', `${adopt}?dryRun=true`, { hash });
  t.match(rehearsal, { status: 200, json: { dryRun: true, effect: { gains: [], loses: [] } } });
  const { status, json } = await call('POST', adopt, { hash, reason: 'ours now' }, { 'if-match': etag });
  t.equal(status, 200);
  t.match(json, { changed: true, effect: { gains: [], loses: [] }, share: { principal: MARY, actions: [READ] } });
  t.match(await policy(), { shares: [{ id: json.share.id }], foreignStatements: [{ hash: other.hash }] });
  t.equal(await readAs('LOCALMARY', await arnOf('demo/database')), 'read');
  t.match(await call('POST', adopt, { hash }), { status: 404, json: { code: 'statement-not-found' } });
  t.match(await call('POST', adopt, { hash: other.hash }), { status: 422, json: { code: 'statement-not-adoptable' } });
  matchList(t, (await call('GET', '/v1/audit-events?action=adopt&outcome=applied')).json.items, [
    { request: { hash } },
  ]);
  t.equal((await call('DELETE', `${SECRET}/shares/${json.share.id}`)).status, 200);
});

t.test('one statement of others is removed, under the policy that was seen', async (t) => {
  const { call, policy } = await start(t);
  const { foreignStatements, etag, foreign } = await policy();
  const url = `${SECRET}/policy/statements/${foreignStatements[0].hash}`;
  t.match(await call('DELETE', url), { status: 428 });
  t.match(await call('DELETE', url, undefined, { 'if-match': '"another"' }), { status: 412 });
  const { status, json } = await call('DELETE', `${url}?reason=old`, undefined, { 'if-match': etag });
  t.equal(status, 200);
  t.match(json.effect.loses, [{ principal: MARY, actions: [READ] }]);
  t.same((await policy()).foreign, foreign.slice(1), 'what is left is left to the letter');
  const again = await call('DELETE', url, undefined, { 'if-match': json.etag });
  t.match(again, { status: 404, json: { code: 'statement-not-found' } });
  matchList(t, (await call('GET', '/v1/audit-events?action=removeStatement&outcome=applied')).json.items, [
    { reason: 'old' },
  ]);
});

t.test('a share of what a statement of others allows already says so, and one of more does not', async (t) => {
  const { call } = await start(t);
  const codes = async (body: object) =>
    (await call('POST', `${SECRET}/shares?dryRun=true`, body)).json.warnings.map(({ code }: { code: string }) => code);
  t.same(await codes({ principal: MARY, actions: [READ] }), ['already-allowed']);
  t.same(await codes({ principal: MARY }), [], 'DescribeSecret besides');
  t.same(await codes({ principal: '123456789999', actions: [READ] }), [], 'the whole account');
});

t.test('a secret that the tags of another tool mark warns before a change', async (t) => {
  const { call, aws } = await build(t);
  const tagged = (Key: string, Value: string) =>
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'TagResource', {
      SecretId: 'demo/api-key',
      Tags: [{ Key, Value }],
    });
  const share = async () =>
    (await call('POST', '/v1/secrets/demo%2Fapi-key/shares?dryRun=true', { principal: MARY })).json.warnings;
  t.same(await share(), []);
  tagged('managed-by', 'the payments team');
  t.same(await share(), [], 'people may manage it too');
  tagged('ManagedBy', 'Terraform');
  t.match(await share(), [{ code: 'managed-elsewhere', message: /ManagedBy=Terraform/ }]);
});
