import { execFileSync } from 'node:child_process';
import { Agent, createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { CHILD_ENV } from '../child-env.ts';
import { captureLog } from '../hardening/log-lines.ts';
import { build, MARY } from '../helper.ts';
import { SLACK_MS } from '../wait.ts';
import { type ReceivedSpan, startCollector } from './collector.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const SHARES = '/v1/secrets/demo%2Fdatabase/shares';
const [SERVER, CLIENT] = [2, 3];

/** The service with a collector; `ended` closes it, so that everything is sent. */
async function traced(t: Test) {
  const collector = await startCollector(t);
  const { lines, loggerInstance } = captureLog();
  const toAws: (string | undefined)[] = [];
  const service = await build(t, {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    overrides: { loggerInstance },
    // Sees what AWS gets.
    endpoint: async (aws) => {
      const agent = new Agent({ keepAlive: true });
      const proxy = createServer((incoming, outgoing) => {
        toAws.push(incoming.headers['traceparent'] as string | undefined);
        const { method, headers, url } = incoming;
        const onward = send(new URL(url ?? '/', aws.url), { method, headers, agent }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        });
        incoming.pipe(onward);
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      t.teardown(() => {
        agent.destroy();
        proxy.close();
      });
      return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    },
  });
  const url = await service.app.listen({ host: '127.0.0.1', port: 0 });
  return {
    ...service,
    ...collector,
    toAws,
    lines,
    url,
    ended: async (): Promise<ReceivedSpan[]> => {
      await service.app.close();
      return collector.spans;
    },
  };
}

t.test('a change is one trace: the request, its cycle, and in that the lock, the journal and AWS', async (t) => {
  const { url, ended, resources, paths, toAws, lines } = await traced(t);
  const response = await fetch(url + SHARES, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      traceparent: `00-${TRACE}-${CALLER}-01`,
      'x-request-id': 'req-1',
    },
    body: JSON.stringify({ principal: MARY }),
  });
  t.equal(response.status, 201);
  const { changeId } = (await response.json()) as { changeId: string };
  const spans = (await ended()).filter(({ traceId }) => traceId === TRACE);
  t.equal(new Set(paths).size, 1);
  t.equal(paths[0], 'POST /v1/traces');
  t.match(resources[0], { 'service.name': 'secret-access-service', 'service.version': /^\d/ });

  const one = (name: string) => spans.find((span) => span.name === name) ?? t.fail(name);
  const request = one('POST /v1/secrets/:secretId/shares') as ReceivedSpan;
  t.match(request, {
    parentSpanId: CALLER,
    kind: SERVER,
    facts: {
      'http.route': '/v1/secrets/:secretId/shares',
      'http.response.status_code': 201,
      'request.id': 'req-1',
      'change.id': changeId,
    },
  });
  const cycle = one('cycle') as ReceivedSpan;
  t.match(cycle, { parentSpanId: request.spanId, facts: { 'cycle.changes': 1 } });
  t.match(one('lock wait'), { parentSpanId: cycle.spanId });
  const appends = spans.filter(({ name }) => name === 'audit append');
  t.same(
    appends.map(({ parentSpanId }) => parentSpanId),
    [cycle.spanId, cycle.spanId],
    'intent and outcome',
  );
  const put = one('secretsmanager:PutResourcePolicy') as ReceivedSpan;
  t.match(put, {
    parentSpanId: cycle.spanId,
    kind: CLIENT,
    facts: { 'rpc.system': 'aws-api', 'cloud.region': 'us-east-1', 'aws.request_id': /^[0-9a-f-]{36}$/ },
  });
  t.ok(toAws.includes(`00-${TRACE}-${put.spanId}-01`), 'handed on');
  const ids = new Set([CALLER, ...spans.map(({ spanId }) => spanId)]);
  t.ok(
    spans.every(({ parentSpanId = '' }) => ids.has(parentSpanId)),
    'no span hangs in the air',
  );
  const ofRequest = lines.map((line) => JSON.parse(line)).filter(({ requestId }) => requestId === 'req-1');
  t.ok(ofRequest.length >= 4);
  t.ok(ofRequest.every(({ traceId }) => traceId === TRACE));
});

t.test('a trace that begins here is named in the problem, the log and the audit log', async (t) => {
  const { call, ended, lines } = await traced(t);
  const { json } = await call('POST', SHARES, { principal: 'arn:aws:iam::123456789999:user/Nobody' });
  t.match(json, { code: 'principal-not-found', traceId: /^[0-9a-f]{32}$/ });
  const { items } = (await call('GET', `/v1/audit-events?changeId=${json.changeId}`)).json;
  t.equal(items[0].traceId, json.traceId);
  const ofRequest = lines.map((line) => JSON.parse(line)).filter(({ requestId }) => requestId === json.requestId);
  t.ok(ofRequest.length >= 4);
  t.ok(
    ofRequest.every(({ traceId }) => traceId === json.traceId),
    'also the first line',
  );
  const spans = (await ended()).filter(({ traceId }) => traceId === json.traceId);
  const put = spans.find(({ name }) => name === 'secretsmanager:PutResourcePolicy');
  t.match(put, { status: { code: 2 }, facts: { 'error.type': 'principal-not-found', 'aws.request_id': String } });
});

t.test('a cycle that does several changes is linked to each of their requests', async (t) => {
  const { url, ended } = await traced(t);
  const deny = (at: number) =>
    fetch(`${url}/v1/secrets/demo%2Fapi-key/denials`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account: `3000000000${10 + at}` }),
    });
  const answers = await Promise.all(Array.from({ length: 12 }, (_, at) => deny(at)));
  t.ok(answers.every(({ status }) => status === 201));
  const spans = await ended();
  const requests = spans.filter(({ kind }) => kind === SERVER);
  t.equal(requests.length, 12);
  t.equal(new Set(requests.map(({ traceId }) => traceId)).size, 12);
  const cycles = spans.filter(({ name, facts }) => name === 'cycle' && facts['cycle.changes'] !== undefined);
  t.ok(cycles.length < 12);
  const served = cycles.flatMap(({ parentSpanId, links = [] }) => [parentSpanId, ...links.map(({ spanId }) => spanId)]);
  t.same(served.sort(), requests.map(({ spanId }) => spanId).sort(), 'each request once');
});

t.test('probes make no spans', async (t) => {
  const { call, ended } = await traced(t);
  for (const url of ['/livez', '/readyz', '/metrics']) t.equal((await call('GET', url)).status, 200);
  t.same(
    (await ended()).filter(({ kind }) => kind === SERVER),
    [],
  );
});

t.test('a collector that is away holds nothing up, and the log says so', async (t) => {
  const { lines, loggerInstance } = captureLog();
  const { app, call } = await build(t, {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
    overrides: { loggerInstance },
  });
  t.equal((await call('POST', SHARES, { principal: MARY })).status, 201);
  const began = performance.now();
  await app.close();
  t.ok(performance.now() - began < 10_000 + SLACK_MS, 'the end of the process does not wait for it');
  t.ok(lines.some((line) => line.includes('traces can’t be exported')));
});

/** What a process loads to build the app. */
function loadedWith(t: Test, env: Record<string, string>): string {
  const script = `
    const urls = [];
    const hooks = { load: (url, context, next) => (urls.push(url), next(url, context)) };
    (await import('node:module')).registerHooks(hooks);
    const { buildApp } = await import('./app.ts');
    const { readConfig } = await import('./src/config/index.ts');
    const app = await buildApp(readConfig(process.env), {});
    await app.close();
    console.log(urls.join(' '));
  `;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    env: { ...CHILD_ENV, AUTH_MODE: 'none', DATABASE_URL: `sqlite:${t.testdir({})}/audit.db`, ...env },
  });
}

t.test('without the variable nothing of OpenTelemetry’s SDK is loaded', async (t) => {
  const sdk = /@opentelemetry\/(?:sdk|exporter|otlp|resources)/;
  t.match(loadedWith(t, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }), sdk);
  t.notMatch(loadedWith(t, {}), sdk);
});
