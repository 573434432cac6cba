import t from 'tap';
import { startHousekeeping } from '../src/housekeeping.ts';
import { createLogger } from '../src/telemetry/log.ts';
import { until } from './wait.ts';

t.test(
  'a chore that fails is told whole once, in one line while it goes on so, and whole when it fails otherwise',
  async (t) => {
    const lines: Record<string, unknown>[] = [];
    const log = createLogger('info', { write: (line) => void lines.push(JSON.parse(line)) });
    const outcomes = ['away', 'away', undefined, 'away', 'refused'];
    const run = async () => {
      const outcome = outcomes.shift();
      if (outcome !== undefined) throw new Error(outcome);
    };
    const housekeeping = startHousekeeping(log, [{ name: 'survey', everyMs: 1, run }]);
    await until(() => outcomes.length === 0);
    await housekeeping.stop();
    t.match(lines.slice(0, 4), [
      { level: 50, msg: 'a chore failed', chore: 'survey', err: { message: 'away', stack: /housekeeping/ } },
      { level: 40, msg: 'a chore failed again', chore: 'survey', reason: 'away', err: undefined },
      { level: 50, msg: 'a chore failed', err: { message: 'away' } },
      { level: 50, msg: 'a chore failed', err: { message: 'refused' } },
    ]);
  },
);
