import { globSync } from 'node:fs';

const tests = new URL('../', import.meta.url);

/** The tests of some folders, or of a part of one: `routes/[a-d]*`. */
export const testsOf = (...patterns: string[]): string[] =>
  patterns.flatMap((pattern) =>
    globSync(pattern.includes('/') ? `${pattern}.test.ts` : `${pattern}/*.test.ts`, { cwd: tests }).toSorted(),
  );

/**
 * Runs all tests of some folders in this process: most of what a file of its own takes is to start, and to get warm. A
 * group takes a quarter of the whole at most, so that no core waits for the last one. `.taprc` leaves the folders out. One
 * file alone still runs by its name: `npx tap test/routes/drift.test.ts`.
 */
export async function together(...patterns: string[]): Promise<void> {
  const files = testsOf(...patterns);
  if (files.length === 0) throw new Error(`No tests in ${patterns.join(', ')}.`);
  for (const file of files) await import(new URL(file, tests).href);
}
