import { createLogger } from '../../src/telemetry/log.ts';

/** A logger at its most talkative, and what it wrote. */
export function captureLog() {
  const lines: string[] = [];
  const loggerInstance = createLogger('trace', { write: (line) => void lines.push(line) });
  return { lines, loggerInstance };
}
