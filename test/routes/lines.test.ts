import t from 'tap';
import { ndjson } from '../../routes/audit-events/lines.ts';

/** Lines that are found one after the other, each so many milliseconds after the last. */
async function piecesOf(gaps: readonly number[]): Promise<string[]> {
  let now = 0;
  async function* found() {
    for (const gap of gaps) {
      now += gap;
      yield gap;
    }
  }
  return Array.fromAsync(
    ndjson(
      found(),
      (gap) => gap,
      () => now,
    ),
  );
}

t.test('lines of an export go out together; one that was long in coming goes out at once', async (t) => {
  t.same(await piecesOf([1, 2, 3]), ['1\n2\n3\n']);
  t.same(await piecesOf([90_000, 90_000, 1, 2]), ['90000\n', '90000\n', '1\n2\n']);
});
