import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { build, MARY } from '../helper.ts';

const exec = promisify(execFile);
const at = (path: string) => new URL(`../../${path}`, import.meta.url).pathname;
const PATIENT = { timeout: 300_000 };
/** As a shell of its own would: without what the runner of tests puts before each program that is started. */
const shell = (program: string, argv: readonly string[], options: { cwd: string; env?: NodeJS.ProcessEnv }) =>
  exec('env', ['-u', 'NODE_OPTIONS', program, ...argv], { ...PATIENT, ...options });

type Manifest = { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> };
const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** What the package needs, and what that needs: as the service's own npm ci has installed it. */
function neededBy(folder: string, known = new Set<string>()): Set<string> {
  for (const name of Object.keys(manifestOf(folder).dependencies ?? {})) {
    if (known.has(name)) continue;
    known.add(name);
    neededBy(at(`node_modules/${name}`), known);
  }
  return known;
}

t.test('the packed client is installed without network, and its command and types work', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'packed-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const pack = (folder: string, ...options: string[]) =>
    shell('npm', ['pack', '--silent', '--pack-destination', directory, ...options], { cwd: folder });
  await pack(at('client'));
  for (const name of neededBy(at('client'))) await pack(at(`node_modules/${name}`), '--ignore-scripts');
  writeFileSync(join(directory, 'package.json'), '{"private":true,"type":"module"}');
  const tarballs = readdirSync(directory).filter((file) => file.endsWith('.tgz'));
  // What this machine has in its cache must not help.
  const install = [
    'install',
    '--cache',
    join(directory, 'cache'),
    '--offline',
    '--no-audit',
    '--no-fund',
    '--omit=optional',
  ];
  await shell('npm', [...install, ...tarballs.map((file) => `./${file}`)], { cwd: directory });

  const { app } = await build(t);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    SECRET_ACCESS_URL: url,
    SECRET_ACCESS_CONFIG: join(directory, 'none'),
  };
  const command = join(directory, 'node_modules/.bin/secret-access');
  // By the Node.js that the shell finds, and by the one that tests run on.
  for (const [program, ...first] of [[command], [process.execPath, command]]) {
    const sh = (...argv: string[]) => shell(program ?? '', [...first, ...argv], { cwd: directory, env });
    t.match(JSON.parse((await sh('--json', 'share', 'demo/database', MARY)).stdout), { share: { principal: MARY } });
    t.match((await sh('who', 'demo/database')).stdout, /user\/Mary +yes/);
    await t.rejects(sh('who', 'nothing'), { code: 2, stderr: /secret-not-found/ });
  }

  const program = `import { createSecretAccessClient, type Change } from 'secret-access-client';
const client = createSecretAccessClient(${JSON.stringify(url)});
const { data } = await client.GET('/v1/secrets/{secretId}/shares', { params: { path: { secretId: 'demo/database' } } });
const change: Change | undefined = undefined;
console.log(data?.items.length, change);`;
  writeFileSync(join(directory, 'try.ts'), program);
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--lib',
    'es2023,dom',
    '--types',
    '',
  ];
  await shell(at('node_modules/.bin/tsc'), [...options, 'try.ts'], { cwd: directory });
  writeFileSync(join(directory, 'try.js'), program.replace(', type Change', '').replace(': Change | undefined', ''));
  t.match((await shell(process.execPath, ['try.js'], { cwd: directory, env })).stdout, /^1 /);
});
