import t from 'tap';
import { createPrinter } from '../../client/command/print.ts';

const HEAD = ['when', 'what', 'who'];
const LONG = `arn:aws:iam::222222222222:role/${'x'.repeat(30)}`;
const ROWS = [
  ['2026-11-30T20:52:16Z', 'Found: somebody outside reads, who is of no account that is surveyed, 123456789999', 'ann'],
  ['2026-11-30T20:52:17Z', `Shared with ${LONG} until the end of the year`, 'bob'],
];

function linesAt(columns: number | undefined, rows = ROWS): string[] {
  const written: string[] = [];
  createPrinter((text) => written.push(text), false, columns).table(HEAD, rows, 'none');
  return written.join('').trimEnd().split('\n');
}
const wordsOf = (lines: string[]) => lines.join(' ').split(/\s+/).sort();

t.test('a table is as wide as the terminal, and nothing is cut off', async (t) => {
  const whole = linesAt(undefined);
  t.equal(whole.length, 1 + ROWS.length, 'one line each for programs');
  for (const columns of [80, 120]) {
    const lines = linesAt(columns, ROWS.slice(0, 1));
    t.ok(Math.max(...lines.map(({ length }) => length)) <= columns, `${columns}`);
    t.strictSame(wordsOf(lines), wordsOf(linesAt(undefined, ROWS.slice(0, 1))));
  }
  const narrow = linesAt(60, ROWS.slice(0, 1));
  t.ok(Math.max(...narrow.map(({ length }) => length)) <= 60);
  t.strictSame(wordsOf(linesAt(120)), wordsOf(whole));
  t.strictSame(linesAt(500), whole, 'where there is room it is as it was');
});

t.test('where not even the longest words fit beside each other, a row stands one below the other', async (t) => {
  for (const columns of [40, 60, 80]) {
    t.strictSame(linesAt(columns), [
      ...[`when: ${ROWS[0]?.[0]}`, `what: ${ROWS[0]?.[1]}`, 'who: ann', ''],
      ...[`when: ${ROWS[1]?.[0]}`, `what: ${ROWS[1]?.[1]}`, 'who: bob'],
    ]);
  }
  t.strictSame(linesAt(60, [['2026-11-30T20:52:17Z', LONG, '']]), ['when: 2026-11-30T20:52:17Z', `what: ${LONG}`]);
});
