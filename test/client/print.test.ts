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
  for (const columns of [40, 60, 80, 120])
    t.strictSame(wordsOf(linesAt(columns)), wordsOf(whole), `words at ${columns}`);
  t.strictSame(linesAt(500), whole, 'where there is room it is as it was');
});
