import t from 'tap';
import { APP_ROLE, build, MARY } from '../helper.ts';
import { eventually } from '../wait.ts';
import { approve, SHARES, start } from './approvals.ts';

const NOW = new Date('2026-11-29T08:00:00.000Z');
const DENIALS = SHARES.replace('shares', 'denials');

t.test('expiresIn is resolved at once; it and expiresAt exclude each other', async (t) => {
  const { call } = await build(t, { overrides: { clock: () => NOW } });
  for (const [expiresIn, expiresAt] of [
    ['90m', '2026-11-29T09:30:00Z'],
    ['12h', '2026-11-29T20:00:00Z'],
    ['30d', '2026-12-29T08:00:00Z'],
    ['2w', '2026-12-13T08:00:00Z'],
  ]) {
    t.match(await call('POST', SHARES, { principal: MARY, expiresIn }), {
      status: 201,
      json: { share: { expiresAt } },
    });
  }
  const twice = await call('POST', SHARES, { principal: MARY, expiresIn: '30d', expiresAt: '2060-01-01T00:00:00Z' });
  t.match(twice, { status: 400, json: { errors: [{ path: '/expiresIn' }] } });
  for (const expiresIn of ['30', '0d', '-1d', '1y', '10000d', '1.5h', 30]) {
    t.match(await call('POST', SHARES, { principal: MARY, expiresIn }), { status: 400 }, String(expiresIn));
  }
});

t.test('bulk: each secret with each principal, or items; never both, nor too many', async (t) => {
  const { call } = await build(t);
  const secretIds = ['demo/database', 'demo/api-key'];
  const asked = { secretIds, principals: [MARY, APP_ROLE, '333333333333'], expiresIn: '2w', reason: 'spread' };
  const begun = await call('POST', '/v1/bulk/shares', asked);
  t.match(begun, { status: 202, json: { counts: { total: 6 } } });
  const { counts } = await eventually(async () => {
    const { json } = await call('GET', String(begun.headers['location']));
    if (typeof json.finishedAt !== 'string') throw new Error(JSON.stringify(json));
    return json;
  });
  t.match(counts, { applied: 6 });
  for (const secretId of secretIds) {
    const { items } = (await call('GET', `/v1/secrets/${encodeURIComponent(secretId)}/shares`)).json;
    t.equal(items.length, 3);
    t.ok(items.every(({ expiresAt }: { expiresAt: string | null }) => expiresAt !== null));
  }
  const item = { secretId: 'demo/database', principal: MARY };
  const refusals: [object, string][] = [
    [{ items: [item], secretIds, principals: [MARY] }, '/principals'],
    [{ items: [item], expiresIn: '1d' }, '/expiresIn'],
    [{ secretIds }, '/principals'],
    [{ principals: [MARY] }, '/items'],
    [{ reason: 'nothing' }, '/items'],
    [
      {
        secretIds: Array.from({ length: 40 }, (_, index) => `s${index}`),
        principals: Array.from({ length: 40 }, (_, index) => String(300000000000 + index)),
      },
      '/principals',
    ],
  ];
  for (const [body, path] of refusals) {
    t.match(await call('POST', '/v1/bulk/shares', body), { status: 400, json: { errors: [{ path }] } }, path);
  }
  const denied = { secretIds, principals: [MARY], match: 'arn' };
  t.match(await call('POST', '/v1/bulk/denials?dryRun=true', denied), { status: 202, json: { counts: { total: 2 } } });
});

t.test('the audit log by days, by how long ago, by phase', async (t) => {
  let now = new Date('2026-11-20T23:30:00.000Z');
  const { call } = await build(t, { overrides: { clock: () => now } });
  await call('POST', SHARES, { principal: MARY });
  now = NOW;
  await call('POST', DENIALS, { principal: MARY });
  const actions = async (query: string) => {
    const { items } = (await call('GET', `/v1/audit-events?${query}`)).json;
    return items.map(({ action, phase }: Record<string, string>) => `${action} ${phase}`);
  };
  const [shared, denied] = [
    ['share outcome', 'share intent'],
    ['deny outcome', 'deny intent'],
  ];
  t.strictSame(await actions('from=2026-11-21'), denied);
  t.strictSame(await actions('to=2026-11-20'), shared, 'to the end of that day');
  t.strictSame(await actions('from=2026-11-20&to=2026-11-20'), shared);
  t.strictSame(await actions('from=2026-11-20T23:30:00.001Z'), denied);
  t.strictSame(await actions('since=7d'), denied);
  t.strictSame(await actions('since=9d'), [...denied, ...shared]);
  t.strictSame(await actions('phase=intent'), ['deny intent', 'share intent']);
  t.strictSame(await actions('phase=outcome&action=share'), ['share outcome']);
  t.strictSame(await actions('phase=intent&outcome=applied'), []);
  for (const query of [
    'since=7d&from=2026-11-20',
    'since=week',
    'from=2026-02-30',
    'from=yesterday',
    'documents=true',
  ]) {
    t.match(await call('GET', `/v1/audit-events?${query}`), { status: 400 }, query);
  }
  const { json } = await call('GET', '/v1/audit-events?to=2026-13-01');
  t.match(json.errors, [{ path: '/querystring/to', message: 'must be a date-time or a date; for example 2030-01-31' }]);
});

t.test('each change once, in words; documents where they are asked for', async (t) => {
  const { call } = await build(t);
  const { share } = (await call('POST', SHARES, { principal: '222222222222', expiresAt: '2060-01-30T12:00:00Z' })).json;
  const { changeId } = (await call('POST', DENIALS, { principal: APP_ROLE, reason: 'left', ticket: 'T-1' })).json;
  await call('POST', DENIALS, { principal: APP_ROLE });
  await call('POST', SHARES.replace('shares', 'restrictions'), { boundary: { organization: 'o-local00001' } });
  await call('DELETE', `${SHARES}/${share.id}`);
  const policy = SHARES.replace('shares', 'policy');
  const { etag } = (await call('GET', policy)).json;
  const Statement = [
    { Effect: 'Allow', Principal: { AWS: MARY }, Action: 'secretsmanager:GetSecretValue', Resource: '*' },
  ];
  await call('PUT', policy, { Version: '2012-10-17', Statement }, { 'if-match': etag });
  const goBack = async (before: string) => {
    const { etag } = (await call('GET', policy)).json;
    return (await call('POST', `${policy}/rollback`, { changeId: before }, { 'if-match': etag })).json.changeId;
  };
  const second = await goBack(changeId);
  await goBack(second);

  const { items } = (await call('GET', '/v1/audit-events?view=changes')).json;
  t.strictSame(
    items.map(({ summary }: { summary: string }) => summary.replace(/\d+ \w+ \d{4}, \d\d:\d\d UTC/, 'TIME')),
    [
      'Went back to before “Went back to before another change: the share with account 222222222222 until 30 Jan 2060 UTC new; 1 of others gone” (anonymous, TIME): the share with account 222222222222 until 30 Jan 2060 UTC gone; 1 of others new',
      'Went back to before “Denied role/app of 222222222222” (anonymous, TIME): the share with account 222222222222 until 30 Jan 2060 UTC new; 1 of others gone',
      'Replaced the policy: the denial of role/app of 222222222222, the restriction of whoever is outside the organization o-local00001 gone; 1 of others new',
      'Took back the share with account 222222222222',
      'Restricted to o-local00001',
      'Already so: denied role/app of 222222222222',
      'Denied role/app of 222222222222',
      'Shared with account 222222222222 until 30 Jan 2060 UTC',
    ],
  );
  t.match(items[6], { changeId, reason: 'left', ticket: 'T-1', action: 'deny', outcome: 'applied' });
  t.notOk('policy' in items[6] || 'request' in items[6]);
  const [full] = (await call('GET', `/v1/audit-events?view=changes&documents=true&changeId=${changeId}`)).json.items;
  t.match(full, { request: { principal: APP_ROLE }, policy: { after: { Statement: Array } } });
  const pages = [];
  for (let cursor = ''; ; ) {
    const { json } = await call('GET', `/v1/audit-events?view=changes&limit=3${cursor && `&cursor=${cursor}`}`);
    pages.push(...json.items);
    if (json.nextCursor === null) break;
    cursor = json.nextCursor;
  }
  t.strictSame(pages, items);
  const table = await call('GET', '/v1/audit-events?format=ocsf', undefined, { accept: 'text/csv' });
  t.match(table, { status: 400, json: { code: 'validation-failed', detail: /text\/csv/ } }, 'OCSF has no table');
  for (const query of ['view=changes&phase=intent', 'view=changes&format=ocsf']) {
    t.match(await call('GET', `/v1/audit-events?${query}`), { status: 400 }, query);
  }
  const lines = (await call('GET', '/v1/audit-events?view=changes', undefined, { accept: 'application/x-ndjson' }))
    .body;
  t.strictSame(
    lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    items,
  );
});

t.test('a table for spreadsheets, in which nothing is a formula', async (t) => {
  const { call } = await build(t);
  await call('POST', SHARES, { principal: MARY, reason: '=HYPERLINK("http://x")', ticket: 'a,b' });
  const read = async (url: string) => {
    const { headers, body } = await call('GET', url, undefined, { accept: 'text/csv' });
    t.match(String(headers['content-type']), 'text/csv');
    return body.trimEnd().split('\r\n');
  };
  const changes = await read('/v1/audit-events?view=changes');
  t.equal(changes.length, 2);
  t.match(changes[0], /^time,summary,outcome,actor,/);
  t.match(changes[1], `,Shared with user/Mary of 123456789999,applied,`);
  t.match(changes[1], `,"'=HYPERLINK(""http://x"")","a,b",`);
  t.equal((await read('/v1/audit-events')).length, 3, 'an intent and its outcome');
});

t.test('what waits for a second person is one change, at what became of it last', async (t) => {
  const service = await start(t);
  const { as } = service;
  const changes = async () => (await as('sue').get('/v1/audit-events?view=changes')).json.items;
  const { approvalId } = (await as('mary').post(SHARES, { principal: MARY, expiresIn: '1d' })).json;
  t.match(await changes(), [{ summary: /^Asked security to approve: shared with user\/Mary of 123456789999 until / }]);
  t.match(await approve(service, 'lee', approvalId), { status: 403 });
  t.match(await changes(), [{ action: 'requestApproval' }], 'who may not decide changes nothing');
  t.match(await approve(service, 'sam', approvalId), { status: 200 });
  const all = await changes();
  t.equal(all.length, 1);
  t.match(all[0], { action: 'share', outcome: 'applied', changeId: approvalId });
});
