import { spawnSync } from 'node:child_process';
import t, { type Test } from 'tap';

/** What a process says that can't start. */
const refusal = (t: Test, env: Record<string, string>): string => {
  const { status, stderr } = spawnSync(process.execPath, ['src/server.ts'], {
    env: { PATH: process.env['PATH'], AUTH_MODE: 'none', PORT: '0', ...env },
    encoding: 'utf8',
    timeout: 20_000,
  });
  t.equal(status, 1);
  return stderr;
};

t.test('what stops the start is one line, with its cause and without a password', async (t) => {
  const line = refusal(t, { DATABASE_URL: 'postgres://someone:hunter2@localhost:1/audit' });
  t.match(line, /^Can't start: The audit database .*ECONNREFUSED.*\n$/);
  t.notMatch(line, /hunter2|\n\s+at /);
});

t.test('each variable that is wrong has a line of its own', async (t) => {
  const lines = refusal(t, { PORT: 'many', LOG_LEVEL: 'loud' });
  t.match(lines, /^Can't start: PORT is "many".*\nCan't start: LOG_LEVEL is "loud".*\n$/);
});
