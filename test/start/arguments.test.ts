import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { CHILD_ENV } from '../child-env.ts';

/** What of bin/ is started: the rest is imported by it. */
const STARTED = readdirSync('bin').filter((file) =>
  /^(?:argumentsOf\(|const .* = argumentsOf\(|await |startAlone|try |process\.exitCode|if \(import\.meta\.main)/m.test(
    readFileSync(join('bin', file), 'utf8'),
  ),
);

const start = (file: string, cwd: string, ...args: string[]) =>
  spawnSync(process.execPath, [join(process.cwd(), 'bin', file), ...args], {
    ...{ cwd, encoding: 'utf8', timeout: 600_000 },
    env: { ...CHILD_ENV, AUTH_MODE: 'none', PORT: '0', LOCAL_AWS_PORT: '0' },
  });

t.test('whatever is started says how, or refuses what it does not know, and starts nothing', async (t) => {
  t.strictSame(STARTED.sort(), [
    ...['audit-archive.ts', 'audit-verify.ts', 'local-aws.ts', 'local.ts', 'migrate.ts', 'new-api-key.ts'],
    ...['openapi.ts', 'server.ts'],
  ]);
  const cwd = t.testdir({});
  for (const file of STARTED) {
    const helped = start(file, cwd, '--help');
    t.equal(helped.status, 0, `${file} --help`);
    t.match(helped.stdout, new RegExp(`node bin/${file}|npm run ${file.replace('-', ':').replace('.ts', '')}`));
    t.equal(helped.stderr, '');
    const refused = start(file, cwd, '--nonsense');
    t.equal(refused.status, 2, `${file} --nonsense`);
    t.match(refused.stderr, /--nonsense[\s\S]*(?:node bin|npm run)/);
    t.equal(refused.stdout, '');
  }
  t.strictSame(readdirSync(cwd), [], 'no database, no data of local mode');
});

t.test('a scope that no guardrail asks for is refused', async (t) => {
  const { status, stdout, stderr } = start('new-api-key.ts', t.testdir({}), 'ci', '--scopes', 'policy:reed,audit:read');
  t.equal(status, 2);
  t.equal(stdout, '', 'no key');
  t.match(stderr, /^no such scope: policy:reed; there are policy:read, /);
});
