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
  const put = await call('PUT', `${SECRET}/policy`, { Version: '2012-10-17', Statement: [] }, headers);
  t.equal(put.status, 400, 'PUT heeds `*` only');
  t.same((await call('GET', `${SECRET}/policy`)).json.policy, share.json.policy);
});

t.test('a precondition that does not hold changes nothing, however it is spelt', async (t) => {
  const { etag, policy } = (await call('GET', `${SECRET}/policy`)).json;
  for (const spelling of [
    '"x"',
    'W/"x"',
    `W/${etag}`,
    etag.slice(1, -1),
    '""',
    '',
    ' ',
    ',',
    '"*"',
    `"x", ${etag.toUpperCase()}x`,
  ]) {
    const answer = await call('DELETE', `${SECRET}/policy`, undefined, { 'if-match': spelling });
    t.match(String(answer.status), /^4(00|12|28)$/, JSON.stringify(spelling));
  }
  t.same((await call('GET', `${SECRET}/policy`)).json.policy, policy);
  const held = await call('DELETE', `${SECRET}/policy?dryRun=true`, undefined, { 'if-match': `"x", ${etag}` });
  t.equal(held.status, 200, 'one of a list is enough');
});
