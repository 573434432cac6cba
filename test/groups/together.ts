import { globSync } from 'node:fs';

const tests = new URL('../', import.meta.url);

/**
 * Runs all tests of some folders in this process: most of what a file of its own takes is to start, and to get warm.
 * `.taprc` leaves the folders out. One file alone still runs by its name: `npx tap test/routes/drift.test.ts`.
 */
export async function together(...folders: string[]): Promise<void> {
  const files = folders.flatMap((folder) => globSync(`${folder}/*.test.ts`, { cwd: tests }).toSorted());
  if (files.length === 0) throw new Error(`No tests in ${folders.join(', ')}.`);
  for (const file of files) await import(new URL(file, tests).href);
}
