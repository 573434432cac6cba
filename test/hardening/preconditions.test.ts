import t from 'tap';
import { build, MARY } from '../helper.ts';

const { call } = await build(t);
const SECRET = '/v1/secrets/demo%2Fdatabase';

t.test('If-None-Match is no precondition where nobody heeds it', async (t) => {
  const share = await call('POST', `${SECRET}/shares`, { principal: MARY });
  const { changeId } = share.json;
  const headers = { 'if-none-match': '"anything"' };
  t.equal((await call('DELETE', `${SECRET}/policy`, undefined, headers)).json.code, 'precondition-required');
  t.equal((await call('DELETE', `${SECRET}/policy`, undefined, { 'if-none-match': '*' })).status, 428);
  t.equal((await call('POST', `${SECRET}/policy/rollback`, { changeId }, headers)).status, 428);
  for (const action of ['prune', 'restore-drift'])
    t.equal((await call('POST', `${SECRET}/policy/${action}`, {}, headers)).status, 428, action);
  const put = await call('PUT', `${SECRET}/policy`, { Version: '2012-10-17', Statement: [] }, headers);
  t.equal(put.status, 400, 'PUT heeds `*` only');
  t.same((await call('GET', `${SECRET}/policy`)).json.policy, share.json.policy);
});

t.test('a precondition that does not hold changes nothing, and one that can’t be read is told its form', async (t) => {
  const { etag, policy } = (await call('GET', `${SECRET}/policy`)).json;
  const remove = (ifMatch: string, query = '') =>
    call('DELETE', `${SECRET}/policy${query}`, undefined, { 'if-match': ifMatch });
  for (const other of ['"x"', 'W/"x"', '""', '"*"', '"x","y"', `"${etag.slice(1, -1)}x"`, `"x,${etag.slice(1)}`]) {
    t.match(await remove(other), { status: 412, json: { code: 'policy-changed', etag } }, other);
  }
  const unquoted = etag.slice(1, -1);
  for (const malformed of [
    unquoted,
    `"${unquoted}`,
    `w/${etag}`,
    `W/${unquoted}`,
    '',
    ' ',
    ',',
    `"x", ${unquoted}`,
    '*, *',
  ]) {
    const { status, json } = await remove(malformed);
    t.match({ status, code: json.code }, { status: 400, code: 'validation-failed' }, JSON.stringify(malformed));
    t.match(json.errors, [{ path: '/headers/if-match', message: /quotes/ }]);
  }
  t.same((await call('GET', `${SECRET}/policy`)).json.policy, policy);
});

t.test('a precondition that holds may stand in a list, be weak or be any', async (t) => {
  const { etag } = (await call('GET', `${SECRET}/policy`)).json;
  for (const holds of [etag, ` ${etag} `, `"x", ${etag}`, `W/${etag}`, `"a,b",W/"x" , W/${etag}`, '*']) {
    const headers = { 'if-match': holds };
    t.equal((await call('DELETE', `${SECRET}/policy?dryRun=true`, undefined, headers)).status, 200, holds);
  }
});
