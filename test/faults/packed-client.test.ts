import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { MARY } from '../helper.ts';
import { startLocalMode } from './local-mode.ts';

const exec = promisify(execFile);
const at = (path: string) => new URL(`../../${path}`, import.meta.url).pathname;
const PATIENT = { timeout: 300_000 };
/** As a shell of its own would: without what the runner of tests puts before each program that is started. */
const shell = (program: string, argv: readonly string[], options: { cwd: string; env?: NodeJS.ProcessEnv }) =>
  exec('env', ['-u', 'NODE_OPTIONS', program, ...argv], { ...PATIENT, ...options });

const VERSION = JSON.parse(readFileSync(at('client/package.json'), 'utf8')).version;
/** Without the Node.js that npm brought for the service: whoever installs the client has another. */
const withoutOurs = (path: string) =>
  path
    .split(delimiter)
    .filter((folder) => !folder.endsWith('node_modules/.bin'))
    .join(delimiter);

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

t.test(
  'the packed client is installed without network; its command does what people come for, and its types work',
  async (t) => {
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

    t.ok(existsSync(join(directory, 'node_modules/secret-access-client/LICENSE')), 'its license goes with it');

    const { url, create, readAs } = await startLocalMode(t);
    const env = {
      ...process.env,
      NODE_OPTIONS: '',
      SECRET_ACCESS_URL: url,
      SECRET_ACCESS_CONFIG: join(directory, 'none'),
      PATH: withoutOurs(process.env['PATH'] ?? ''),
    };
    const command = join(directory, 'node_modules/.bin/secret-access');
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `many/${name}`);
    const arns = await Promise.all(names.map(create));
    const [secret = '', arn = ''] = [names[0], arns[0]];
    // By the Node.js that the shell finds, and by the one that tests run on.
    for (const [program, ...first] of [[command], [process.execPath, command]]) {
      const sh = async (...argv: string[]) =>
        (await shell(program ?? '', [...first, ...argv], { cwd: directory, env })).stdout;
      t.equal(await sh('--version'), `${VERSION}\n`);
      t.match(await sh('doctor'), /^service +ready$/m);

      const why = ['--reason', 'monthly report'];
      t.match(await sh('share', secret, '222222222222', '--for', '30d', ...why), /^222222222222 may read many\/a once/);
      t.equal(await readAs('LOCALAPP', arn), 'read', 'shared for 30 days');
      t.match(JSON.parse(await sh('--json', 'deny', secret, MARY, '--reason', 'left the team')), {
        denial: { principal: MARY },
      });
      t.equal(await readAs('LOCALMARY', arn), 'AccessDeniedException', 'a user is denied');
      const who = await sh('who', secret);
      t.match(
        who,
        /^arn:aws:iam::222222222222:root +yes, if: .+ +20\d\d-\S+ +anonymous +monthly report$/m,
        'who can read this',
      );
      t.match(who, /^arn:aws:iam::123456789999:user\/Mary +denied +anonymous +left the team$/m);
      const log = await sh('log', secret, '--since', '7d');
      t.match(
        log,
        /anonymous +many\/a +Denied user\/Mary of 123456789999 +left the team$/m,
        'who changed what last week',
      );
      t.match(log, /anonymous +many\/a +Shared with account 222222222222 until .+ monthly report$/m);
      const accounts = ['222222222222', '444444444444', '555555555555'];
      const each = ['bulk', '--secrets', ...names, '--principals', ...accounts, '--for', '30d', '--wait'];
      t.equal(await sh(...each), '15 done, 0 already so, 0 wait, 0 failed.\n', 'five secrets with three accounts');
      t.strictSame(new Set(await Promise.all(arns.map((each) => readAs('LOCALAPP', each)))), new Set(['read']));

      await t.rejects(sh('who', 'nothing'), { code: 2, stderr: /secret-not-found/ });
      await t.rejects(sh('who'), { code: 1, stderr: /missing required argument 'secret'/ });
    }

    const program = `import { createSecretAccessClient, type Change } from 'secret-access-client';
const client = createSecretAccessClient(${JSON.stringify(url)});
const { data } = await client.GET('/v1/secrets/{secretId}/shares', { params: { path: { secretId: 'many/a' } } });
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
    t.match((await shell(process.execPath, ['try.js'], { cwd: directory, env })).stdout, /^[1-9]/);
  },
);
