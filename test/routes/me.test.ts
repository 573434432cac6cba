import t from 'tap';
import { buildWithCallers } from '../callers.ts';
import { build, MARY } from '../helper.ts';
import { approve, SHARES, start } from './approvals.ts';

t.test('who one is, and what one may do at all', async (t) => {
  const { as, call } = await buildWithCallers(t, {
    reader: { groups: ['payments'], scopes: ['policy:read'] },
    writer: { scopes: ['policy:read', 'policy:write'] },
    nobody: { scopes: [] },
  });
  t.match((await as('reader').get('/v1/me')).json, {
    ...{ subject: 'reader', issuer: null, method: 'apiKey', groups: ['payments'], scopes: ['policy:read'] },
    capabilities: { list: true, look: true, share: false, deny: false, approve: false, audit: false, bulk: false },
  });
  t.match((await as('writer').get('/v1/me')).json.capabilities, {
    share: true,
    revoke: true,
    bulk: true,
    audit: false,
  });
  const { capabilities } = (await as('nobody').get('/v1/me')).json;
  t.ok(Object.values(capabilities).every((may) => may === false));
  t.equal((await call('GET', '/v1/me')).status, 401);
});

t.test('a guardrail that asks for the tag of a team is asked about the caller’s own', async (t) => {
  const teams = `
@id("teams")
permit (principal, action in Action::"write", resource)
when { resource.hasTag("team") && principal.groups.contains(resource.getTag("team")) };`;
  const people = { paula: { groups: ['payments'], scopes: [] }, olaf: { groups: [], scopes: [] } };
  const { as } = await buildWithCallers(t, people, { policies: { 'write.cedar': teams } });
  t.match((await as('paula').get('/v1/me')).json.capabilities, { share: true, look: false });
  t.match((await as('olaf').get('/v1/me')).json.capabilities, { share: false });
});

t.test('without authentication one may do everything', async (t) => {
  const { call } = await build(t);
  const { json } = await call('GET', '/v1/me');
  t.match(json, { method: 'none' });
  t.ok(
    Object.values(json.capabilities).every((may) => may === true),
    JSON.stringify(json.capabilities),
  );
});

t.test('inbox and outbox: what waits for one, and what one asked for', async (t) => {
  const service = await start(t);
  const { as } = service;
  const asked = async (principal: string) => (await as('mary').post(SHARES, { principal })).json.approvalId as string;
  const first = await asked(MARY);
  const second = await asked('222222222222');
  type Name = Parameters<typeof as>[0];
  const ids = async (who: Name, query: string) =>
    (await as(who).get(`/v1/approvals?${query}`)).json.items.map(
      ({ approvalId }: { approvalId: string }) => approvalId,
    );
  t.strictSame(await ids('mary', 'requestedBy=me'), [second, first]);
  t.strictSame(await ids('sue', 'requestedBy=mary'), [second, first]);
  t.strictSame(await ids('sue', 'requestedBy=me'), []);
  t.strictSame(await ids('mary', 'waitingFor=me'), [], 'nobody decides on what they asked for');
  t.strictSame(await ids('sue', 'waitingFor=me'), [second, first]);
  t.strictSame(await ids('lee', 'waitingFor=me'), [], 'of another group');
  t.match(await approve(service, 'sue', first), { status: 200 });
  t.strictSame(await ids('sue', 'waitingFor=me'), [second]);
  t.strictSame(await ids('sue', 'waitingFor=me&status=applied'), []);
  t.strictSame(await ids('mary', 'requestedBy=me&status=applied'), [first]);
  t.equal((await as('sue').get('/v1/approvals?waitingFor=sam')).status, 400);
});
