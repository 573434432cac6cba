import { existsSync, mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bytes that files of tests which run side by side never fill. */
const ROOM = 2 ** 31;

/**
 * A new directory for databases that tests write to: in memory, where the system has room there, since a disk takes some
 * milliseconds for each commit. What a kill leaves is the same on both.
 */
export const scratch = (name: string): string => mkdtempSync(join(memory() ?? tmpdir(), `${name}-`));

const MEMORY = '/dev/shm';

function memory(): string | undefined {
  if (process.env['TMPDIR'] !== undefined || !existsSync(MEMORY)) return undefined;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize > ROOM ? MEMORY : undefined;
}
