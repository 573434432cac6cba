import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { CHILD_ENV } from './child-env.ts';
import { COMMAND_KEY_FILE } from './command-key.ts';

/** What a process says that can't start. */
const refusal = (t: Test, env: Record<string, string>): string => {
  const { status, stderr } = spawnSync(process.execPath, ['bin/server.ts'], {
    env: { ...CHILD_ENV, AUTH_MODE: 'none', PORT: '0', ...env },
    encoding: 'utf8',
  });
  t.equal(status, 1);
  return stderr;
};

t.test('what stops the start is one line, with its cause and without a password', async (t) => {
  const line = refusal(t, { DATABASE_URL: 'postgres://someone:hunter2@localhost:1/audit', COMMAND_KEY_FILE });
  t.match(line, /^Can't start: The audit database .*ECONNREFUSED.*\n$/);
  t.notMatch(line, /hunter2|\n\s+at /);
});

t.test('each variable that is wrong has a line of its own', async (t) => {
  const lines = refusal(t, { PORT: 'many', LOG_LEVEL: 'loud' });
  t.match(lines, /^Can't start: PORT is "many".*\nCan't start: LOG_LEVEL is "loud".*\n$/);
});

t.test('a path that can’t be read is said with the name of its variable', async (t) => {
  const [file, missing] = [import.meta.filename, `${t.testdir()}/missing`];
  const DATABASE_URL = `sqlite:${t.testdir()}/audit.db`;
  t.match(refusal(t, { DATABASE_URL, POLICIES_DIR: file }), /^Can't start: POLICIES_DIR is ".*ENOTDIR.*\n$/);
  const keys = { DATABASE_URL, AUTH_MODE: 'api-key', API_KEYS_FILE: missing };
  t.match(refusal(t, keys), /^Can't start: API_KEYS_FILE is ".*ENOENT.*\n$/);
});

t.test('who told it to stop waits for nobody who reads its log', async (t) => {
  const child = spawn(process.execPath, ['bin/server.ts'], {
    env: {
      ...CHILD_ENV,
      ...{ AUTH_MODE: 'none', PORT: '0', LOG_LEVEL: 'trace', RATE_LIMIT_MAX: '1000000', AWS_REGION: 'us-east-1' },
      ...{ DATABASE_URL: `sqlite:${t.testdir()}/audit.db`, COMMAND_KEY_FILE, ESTATE_SURVEY_INTERVAL: 'off' },
      ...{ AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  let said = '';
  const url = await new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk) => {
      said += chunk;
      const [listening] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      if (listening !== undefined) resolve(listening);
    });
  });
  child.stdout.pause();
  // More than its reader, the pipe between them and a write under way take in.
  const asked = 'x'.repeat(2_000);
  for (let request = 0; request < 200; request += 1) {
    const { status } = await fetch(`${url}/v1/nothing/${asked}`);
    t.equal(status, 404, 'it answers meanwhile');
  }
  child.kill('SIGTERM');
  t.strictSame(await ended, [null, 'SIGKILL'], 'all was done but for its last lines');
});
