import t from 'tap';
import { counted, dayOf, listed, minuteOf } from '../src/english.ts';

t.test('lists, numbers and times are those of Intl in British English, with their zone', async (t) => {
  const list = new Intl.ListFormat('en-GB');
  for (const texts of [[], ['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd']])
    t.equal(listed(texts), list.format(texts));
  for (const count of [0, 7, 100, 999, 1_000, 20_480, 999_999, 1_000_000, 1_234_567_890])
    t.equal(counted(count), count.toLocaleString('en-GB'));
  const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  const minute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  for (let month = 0; month < 12; month += 1) {
    const date = new Date(Date.UTC(2026, month, 1 + 2 * month, 23, 59));
    t.equal(dayOf(date), `${day.format(date)} UTC`);
    t.equal(minuteOf(date), `${minute.format(date)} UTC`);
  }
});
