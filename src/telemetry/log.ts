import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { pathWithoutCredentials } from '../without-credentials.ts';
import { readableLog } from './readable-log.ts';

/** What the service's parts log by, also where HTTP's framework gives each request a logger of its own. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** A request as the framework shows it to the logger. */
type LoggedRequest = {
  method: string;
  url: string;
  ip: string;
  headers?: Record<string, string | string[] | undefined>;
  socket: { remotePort?: number | undefined };
};

/** Headers that may carry credentials never reach a log, wherever an object with headers is logged. */
const redact = ['authorization', 'cookie', '"set-cookie"', '"x-api-key"', '"x-amz-security-token"'].flatMap(
  (header) => {
    const key = header.startsWith('"') ? `[${header}]` : `.${header}`;
    return [`headers${key}`, `*.headers${key}`, `err.*.headers${key}`];
  },
);

const MAX_PATH = 2_048;

/** A query may hold a token that somebody put there by mistake, and errors of libraries hold whole requests: neither is logged. */
const serializers = {
  req: ({ method, url, ip, headers, socket }: LoggedRequest) => ({
    method,
    url: pathWithoutCredentials(url.replace(/\?.*$/s, ''), headers).slice(0, MAX_PATH),
    remoteAddress: ip,
    remotePort: socket.remotePort,
  }),
  err: describeError,
};

function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  return { type: name, message, stack, code, ...(cause !== undefined && { cause: describeError(cause) }) };
}

/** Characters that wait for a reader of stdout that stalls; then lines are dropped. What must not be lost is in the journal. */
const MAX_BUFFERED = 16 * 1024 * 1024;

/**
 * One JSON object a line on stdout, unless that is a terminal (readable-log.ts). Text from callers is only ever a value, never part of a message; what JSON may hold
 * as it is but a terminal would obey (C1 controls) or turn around (bidirectional marks) is escaped.
 */
export const createLogger = (level: LoggerOptions['level'] & string, destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      serializers,
      redact: { paths: redact, censor: '[redacted]' },
      hooks: { streamWrite: (line) => line.replace(UNPRINTABLE, escapeUnit) },
    },
    destination ?? standardOutput(),
  );

/** Whoever sits at a terminal gets short lines. */
function standardOutput(): DestinationStream {
  // Without a least length a flush waits for nothing.
  const lines = pino.destination({ dest: 1, maxLength: MAX_BUFFERED, minLength: 1 });
  return process.stdout.isTTY ? readableLog((text) => lines.write(text)) : lines;
}

const UNPRINTABLE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
