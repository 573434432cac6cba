import t from 'tap';
import { startHousekeeping } from '../src/services/housekeeping.ts';
import { createLogger } from '../src/telemetry/log.ts';
import { gate, until } from './wait.ts';

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

t.test('a chore that is hurried runs at once; where it is running, once more after that', async (t) => {
  const log = createLogger('silent');
  const turns: ReturnType<typeof gate>[] = [];
  const run = () => {
    const turn = gate();
    turns.push(turn);
    return turn.passed;
  };
  const housekeeping = startHousekeeping(log, [
    { name: 'sweep', everyMs: 3_600_000, run },
    { name: 'wash', everyMs: 3_600_000, afterMs: 3_600_000, run: async () => t.fail('nobody hurried it') },
  ]);
  t.equal(turns.length, 1);
  housekeeping.hurry('sweep');
  housekeeping.hurry('sweep');
  t.equal(turns.length, 1, 'never twice at the same time');
  turns[0]?.open();
  await until(() => turns.length === 2);
  turns[1]?.open();
  await new Promise((resolve) => setImmediate(resolve));
  housekeeping.hurry('sweep');
  t.equal(turns.length, 3, 'from its pause');
  turns[2]?.open();
  await housekeeping.stop();
  housekeeping.hurry('sweep');
  t.equal(turns.length, 3);
});
