import t from 'tap';
import { createGrantsDue } from '../../src/database/grants-due.ts';
import { uuidV7 } from '../../src/uuid.ts';
import { onEveryDatabase } from './on-every-database.ts';

const NOON = Date.UTC(2026, 5, 1, 12);
const at = (seconds: number) => new Date(NOON + seconds * 1_000);
const ARN = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:due-AbCdEf';

onEveryDatabase(t, async (t, { open }) => {
  t.test('what was noted before a time is due until it is done, the oldest first', async (t) => {
    const due = createGrantsDue(await open(t));
    const [first, second, third] = [0, 1, 2].map((seconds) => uuidV7(at(seconds))) as [string, string, string];
    await due.note(ARN, [], at(0));
    await due.note(ARN, [second], at(1));
    await due.note(ARN, [first, third], at(0));
    await due.note(ARN, [first], at(5));
    const ids = async (time: Date, limit = 10) => (await due.notedBefore(time, limit)).map(({ changeId }) => changeId);
    t.same((await ids(at(1))).toSorted(), [first, third].toSorted(), 'noted again, it is as old as it was');
    t.equal((await ids(at(2))).at(-1), second);
    t.equal((await ids(at(2), 1)).length, 1);
    await due.done(first);
    t.same(await ids(at(2)), [third, second]);
    t.same((await due.notedBefore(at(2), 1))[0], { changeId: third, secretArn: ARN });
  });
});
