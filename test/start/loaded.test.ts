import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { CHILD_ENV } from '../child-env.ts';
import { freePort } from '../free-port.ts';

/** What a process of the service loads: what is optional takes memory and time of those only who use it (ADR 9). */

const NEVER_UNASKED = [
  ...['pg', 'jose', '@opentelemetry/sdk-trace', '@opentelemetry/exporter-trace-otlp-http'],
  ...['@aws-sdk/client-sqs', '@aws-sdk/client-organizations', '@aws-sdk/client-iam'],
];

/** The packages that a process has loaded when it ends, which `end` sees to. */
async function packagesOf(
  t: Test,
  file: string,
  env: Record<string, string>,
  end: (child: ChildProcess) => Promise<void>,
) {
  const list = `${t.testdir()}/packages.json`;
  const child = spawn(process.execPath, ['--import', './test/start/note-packages.ts', file], {
    env: { ...CHILD_ENV, PACKAGES_FILE: list, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exit = once(child, 'exit');
  await Promise.race([end(child), exit]);
  t.strictSame(await exit, [0, null]);
  return JSON.parse(readFileSync(list, 'utf8')) as string[];
}

t.test('a server loads the clients of three services of AWS, and nothing that nobody asked for', async (t) => {
  const port = await freePort();
  const env = {
    AUTH_MODE: 'none',
    PORT: String(port),
    LOG_LEVEL: 'error',
    DATABASE_URL: `sqlite:${t.testdir()}/audit.db`,
  };
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  const packages = await packagesOf(t, 'bin/server.ts', env, async (child) => {
    while (child.exitCode === null && !(await isReady())) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill();
  });
  t.strictSame(packages.filter((name) => name.startsWith('@aws-sdk/client-')).sort(), [
    '@aws-sdk/client-kms',
    '@aws-sdk/client-secrets-manager',
    '@aws-sdk/client-sts',
  ]);
  t.strictSame(
    NEVER_UNASKED.filter((name) => packages.includes(name)),
    [],
  );
});

t.test('the build of the image loads all of that, for its compile cache', async (t) => {
  const packages = await packagesOf(t, 'bin/load-optional.ts', {}, () => new Promise(() => {}));
  t.strictSame(
    NEVER_UNASKED.filter((name) => !packages.includes(name)),
    [],
  );
});
