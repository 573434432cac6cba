import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** Bytes: far more than keys, passwords and guardrails need. */
const MOST = 4 * 1024 * 1024;

/**
 * The text of a file that configures the service. A pipe or a device would hold the process up for ever, and a huge one take its
 * memory: neither is read.
 * @throws Error
 */
export function readSmallFile(path: string): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new Error(`${path} is no regular file.`);
    if (stat.size > MOST) throw new Error(`${path} has ${stat.size} bytes; at most ${MOST} are read.`);
    const bytes = Buffer.allocUnsafe(stat.size);
    return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, stat.size, 0));
  } finally {
    closeSync(descriptor);
  }
}
