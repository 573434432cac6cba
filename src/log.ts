import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';

/** Headers that may carry credentials never reach a log, wherever an object with headers is logged. */
const redact = ['authorization', 'cookie', '"set-cookie"', '"x-api-key"', '"x-amz-security-token"'].flatMap(
  (header) => {
    const key = header.startsWith('"') ? `[${header}]` : `.${header}`;
    return [`headers${key}`, `*.headers${key}`, `err.*.headers${key}`];
  },
);

/** One JSON object a line on stdout. Text from callers is only ever a value, never part of a message. */
export const createLogger = (level: LoggerOptions['level'] & string, destination?: DestinationStream): Logger =>
  pino({ level, redact: { paths: redact, censor: '[redacted]' } }, destination ?? pino.destination(1));
