import { setTimeout as sleep } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';
import { ConfigError } from '../src/config/config-error.ts';

/** In-flight changes finish (app.ts); a connection that does not end in this time is left, and reconciliation does the rest. */
const CLOSE_MS = 24_000;
const LAST_LINES_MS = 500;

/** Runs until a signal, or an error that nothing caught. */
export function closeOnSignal(close: () => Promise<void>, log?: Logger): void {
  closeWithGrace({ delay: CLOSE_MS + 1_000 }, async ({ err }) => {
    if (err !== undefined) console.error(err);
    await Promise.race([close(), sleep(CLOSE_MS, undefined, { ref: false })]);
    const isWritten = new Promise((resolve) => (log === undefined ? resolve(true) : log.flush(() => resolve(true))));
    // An exit waits for a write under way, for as long as nobody reads stdout: all work is done, so nothing else is lost.
    if (!(await Promise.race([isWritten, sleep(LAST_LINES_MS, false)]))) process.kill(process.pid, 'SIGKILL');
  });
}

export function portProblem(error: unknown, variable: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return new Error(`Port ${port} is taken: set ${variable} to a free one.`);
  if (code === 'EACCES')
    return new Error(`Port ${port} needs more rights than this process has: set ${variable} to one above 1023.`);
  return error;
}

/** One clear line for whoever starts it; the stack only where nobody foresaw the error. */
export function failStart(error: unknown): never {
  for (const line of error instanceof ConfigError ? error.problems : [inOneLine(error)]) {
    console.error(`Can't start: ${line}`);
  }
  process.exit(1);
}

/** With its cause, which tells whoever runs the service what callers must not see: an unknown host, a wrong password. */
function inOneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  // Node leaves the message of several failed connections empty.
  return `${error.message} (${cause.message || (cause as NodeJS.ErrnoException).code})`;
}
