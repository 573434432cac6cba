import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { createLogger } from '../src/telemetry/log.ts';
import { readableLog } from '../src/telemetry/readable-log.ts';
import { SLACK_MS } from './wait.ts';

/** Logs 80 MB in a second, and says on stderr how long the event loop stood still and how much memory it took. */
const chatter = `
  import { createLogger } from ${JSON.stringify(new URL('../src/telemetry/log.ts', import.meta.url).href)};
  const log = createLogger('info');
  let last = performance.now(), worst = 0, turns = 0;
  const turn = setInterval(() => {
    worst = Math.max(worst, performance.now() - last);
    for (let line = 0; line < 400; line += 1) log.info({ text: 'y'.repeat(2000) }, 'line');
    last = performance.now();
    if (++turns < 100) return;
    clearInterval(turn);
    process.stderr.write(JSON.stringify({ worst, megabytes: process.memoryUsage().rss / 1e6 }), () => process.exit(0));
  }, 10);
`;

t.test('a reader of stdout that stalls neither stops the process nor fills its memory', async (t) => {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', chatter], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk) => said.push(chunk));
  // Nobody reads stdout until the process has said how it went.
  await once(child.stderr, 'data');
  child.stdout.resume();
  await once(child, 'exit');
  const { worst, megabytes } = JSON.parse(Buffer.concat(said).toString());
  t.ok(worst < SLACK_MS, `the event loop stood still for at most ${Math.round(worst)} ms`);
  t.ok(megabytes < 400, `${Math.round(megabytes)} MB`);
});

t.test('on a terminal a request and a change are one short line each, and nothing steers it', (t) => {
  let shown = '';
  const log = createLogger(
    'info',
    readableLog((text) => {
      shown += text;
    }),
  );
  const lines = (): string[] => {
    const all = shown.split('\n').filter(Boolean);
    shown = '';
    return all.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''));
  };
  const req = { method: 'GET', url: '/v1/secrets?token=x', ip: '127.0.0.1', socket: {} };
  log.info({ requestId: 'r1', req }, 'incoming request');
  t.strictSame(lines(), [], 'until it is answered');
  log.info({ requestId: 'r1', res: { statusCode: 200 }, responseTime: 11.6 }, 'request completed');
  t.strictSame(lines(), ['GET /v1/secrets 200 12 ms']);
  const event = { action: 'share', secret: { name: 'demo/database' }, actor: { subject: 'ann' } };
  log.info({ audit: { ...event, phase: 'intent', outcome: null } }, 'audit');
  log.info({ audit: { ...event, phase: 'outcome', outcome: 'applied' } }, 'audit');
  t.strictSame(lines(), ['share demo/database: applied, by ann']);
  log.info({ directory: `${process.cwd()}/src/policies`, policies: Array(12).fill('read-by-scope') }, 'loaded');
  t.strictSame(lines(), ['loaded directory=src/policies policies=12'], 'it fits a terminal');
  log.warn({ secret: 'a\u001b[2Jb\u202ec', err: new Error('gone') }, 'it can’t be asked');
  const [first = '', ...stack] = lines();
  t.equal(first, 'WARN it can’t be asked secret=a?[2Jb?c Error: gone');
  t.ok(stack.length > 0, 'where it came from');
  t.end();
});
