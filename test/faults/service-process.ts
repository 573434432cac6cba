import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import type { AuditEvent } from '../../src/audit/event.ts';
import type { ServiceOverrides } from '../../src/services/adapters.ts';
import { CHILD_ENV } from '../child-env.ts';
import { COMMAND_KEY_FILE } from '../command-key.ts';
import { PATIENT, TIMING, UNPRESSED } from '../helper.ts';

const entry = fileURLToPath(new URL('service.ts', import.meta.url));

/** Becomes what it is given, in a control group. */
const ENTER = 'echo $$ > "$0/cgroup.procs" && exec "$@"';

export type ServiceProcess = {
  url: string;
  pid: number;
  /** SIGKILL. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGSTOP. @returns lets it go on */
  pause(): () => void;
  /** SIGTERM. @returns the exit code and the signal that ended it */
  terminate(): Promise<[code: number | null, signal: string | null]>;
  /** Resolves at the first event of this phase, from now on, that the process says is durable. */
  event(phase: AuditEvent['phase']): Promise<AuditEvent>;
};

type ServiceSettings = {
  database: string;
  endpoint: string;
  aws?: ServiceOverrides['aws'];
  /** Milliseconds that its clock is ahead of the others'; less than 0 when it is behind. */
  aheadMs?: number;
  /** Environment variables beside those of a test. */
  env?: Record<string, string>;
  /** A control group that it starts in (memory-group.ts). */
  group?: string | undefined;
} & Pick<ServiceOverrides, 'timing'>;

/** Starts the service as a process and waits until it listens. It is killed with the test. */
export async function startService(
  t: Test,
  { database, endpoint, aws = {}, timing = TIMING, aheadMs = 0, env = {}, group }: ServiceSettings,
): Promise<ServiceProcess> {
  const settings = {
    env: {
      AUTH_MODE: 'none',
      PORT: '0',
      DATABASE_URL: database,
      COMMAND_KEY_FILE,
      AWS_REGION: 'us-east-1',
      RATE_LIMIT_MAX: '1000000',
      ESTATE_SURVEY_INTERVAL: 'off',
      ...env,
    },
    aws: {
      endpoint,
      credentials: { accessKeyId: 'LOCALSERVICE', secretAccessKey: 'any' },
      ...PATIENT,
      ...aws,
    },
    timing,
    aheadMs,
    pressure: UNPRESSED,
  };
  const command = [process.execPath, entry, JSON.stringify(settings)] as const;
  const [program, ...parameters] = group === undefined ? command : ['sh', '-c', ENTER, group, ...command];
  const child = spawn(program, parameters, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: CHILD_ENV,
  });
  const gone = once(child, 'exit') as Promise<[number | null, string | null]>;
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal);
    return gone;
  };
  t.teardown(() => end('SIGKILL'));
  const lines = recentLines(child);
  const url = await Promise.race([once(child, 'message'), gone.then(() => undefined)]);
  if (url === undefined) throw new Error(`The service did not start:\n${lines.recent().join('\n')}`);

  return {
    url: String(url[0]),
    pid: child.pid ?? 0,
    kill: async () => void (await end('SIGKILL')),
    pause: () => {
      child.kill('SIGSTOP');
      return () => void child.kill('SIGCONT');
    },
    terminate: () => end('SIGTERM'),
    event: (phase) => lines.find((line) => (line.includes(`"phase":"${phase}"`) ? JSON.parse(line).audit : undefined)),
  };
}

/** The process's output, line by line: the last ones are kept. */
function recentLines(child: ChildProcess) {
  const kept: string[] = [];
  const listeners = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      kept.push(line);
      if (kept.length > 50) kept.shift();
      for (const listener of listeners) listener(line);
    });
  }
  return {
    recent: () => kept,
    find: <T>(match: (line: string) => T | undefined): Promise<T> =>
      new Promise((resolve) => {
        const listener = (line: string) => {
          const found = match(line);
          if (found === undefined) return;
          listeners.delete(listener);
          resolve(found);
        };
        listeners.add(listener);
      }),
  };
}
