import t from 'tap';
import { captureLog } from '../hardening/log-lines.ts';
import { build, MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';

/** From a problem, a log line or an audit event, each of the other two is found. */
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
const SHARES = '/v1/secrets/demo%2Fdatabase/shares';

const { lines, loggerInstance } = captureLog();
const { call } = await build(t, { overrides: { loggerInstance } });

/** The lines since the last call. */
const logged = (): Record<string, unknown>[] => lines.splice(0).map((line) => JSON.parse(line));

t.test('every log line of a change names request and trace, and those of the change itself its id', async (t) => {
  logged();
  const headers = { traceparent, 'x-request-id': 'req-1' };
  const { headers: answered, json } = await call('POST', SHARES, { principal: MARY }, headers);
  t.equal(answered['x-request-id'], 'req-1');
  const ofRequest = logged();
  t.ok(ofRequest.length >= 4, 'incoming, intent, outcome, completed');
  for (const line of ofRequest) t.match(line, { requestId: 'req-1', traceId: TRACE }, String(line['msg']));
  for (const line of ofRequest.filter(({ msg }) => msg !== 'incoming request')) {
    t.equal(line['changeId'], json.changeId, String(line['msg']));
  }
  const { items } = (await call('GET', `/v1/audit-events?changeId=${json.changeId}`)).json;
  matchList(t, items, [
    { requestId: 'req-1', traceId: TRACE },
    { requestId: 'req-1', traceId: TRACE },
  ]);
});

t.test('the problem of a change names it, and what the audit log has of it', async (t) => {
  const { headers, json } = await call(
    'POST',
    SHARES,
    { principal: 'arn:aws:iam::123456789999:user/Nobody' },
    { traceparent },
  );
  t.match(json, { code: 'principal-not-found', traceId: TRACE, requestId: headers['x-request-id'] });
  const { items } = (await call('GET', `/v1/audit-events?changeId=${json.changeId}`)).json;
  matchList(t, items, [{ outcome: 'refused', error: { code: 'principal-not-found' } }, { phase: 'intent' }]);
});

t.test('a refusal is logged with the ids that its problem has', async (t) => {
  logged();
  const { json } = await call('POST', SHARES, { principal: '' });
  const line = logged().find(({ msg }) => msg === 'request refused');
  t.match(line, { requestId: json.requestId, changeId: json.changeId });
  t.notOk('traceId' in json, 'nobody traces it');
});

t.test('the problem of a look has no change', async (t) => {
  const { json } = await call('GET', '/v1/secrets/nothing', undefined, { traceparent });
  t.match(json, { code: 'secret-not-found', traceId: TRACE });
  t.notOk('changeId' in json);
});

t.test('every answer has a request id: an own one unless the caller’s can stand in a log', async (t) => {
  for (const url of ['/livez', '/metrics', '/nowhere', '/%', '/v1/secrets?limit=x', '/docs/json']) {
    t.match((await call('GET', url)).headers['x-request-id'], /^[0-9a-f-]{36}$/, url);
  }
  const { headers } = await call('GET', '/livez', undefined, { 'x-request-id': 'a b' });
  t.match(headers['x-request-id'], /^[0-9a-f-]{36}$/);
});

t.test('a traceparent that is none is left out', async (t) => {
  const wrong = [
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `ff-${TRACE}-b7ad6b7169203331-01`,
    `00-${TRACE.toUpperCase()}-b7ad6b7169203331-01`,
    `00-${TRACE}-b7ad6b7169203331-01 x`,
    TRACE,
  ];
  for (const traceparent of wrong) {
    const { json } = await call('GET', '/v1/secrets/nothing', undefined, { traceparent });
    t.notOk('traceId' in json, traceparent);
  }
});
