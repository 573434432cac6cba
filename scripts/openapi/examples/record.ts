import { readFileSync, writeFileSync } from 'node:fs';
import { playExamples } from './play.ts';

/**
 * `npm run openapi:examples`: plays every operation, and writes what was answered where the document takes it from. With
 * ids of operations only those: the others stay as they are.
 */
const FILE = new URL('../../../openapi/examples.json', import.meta.url);
const only = process.argv.slice(2);
const ends: (() => Promise<void> | void)[] = [];
try {
  const played = await playExamples({ teardown: (end) => void ends.unshift(end) }, only);
  const kept = only.length === 0 ? {} : JSON.parse(readFileSync(FILE, 'utf8'));
  writeFileSync(FILE, `${JSON.stringify({ ...kept, ...played }, null, 2)}\n`);
} finally {
  for (const end of ends) await end();
}
