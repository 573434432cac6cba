import { readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

const INTERVAL_MS = 1_000;

/**
 * Calls back when a file, or a file of a directory, is changed, added or taken away. It polls once a second: unlike
 * fs.watch that also sees the symbolic links that Kubernetes swaps under a mounted ConfigMap or Secret, and network
 * file systems. It does not keep the process alive.
 * @returns what stops it
 */
export function watchFiles(path: string, changed: () => void): () => void {
  let seen = fingerprint(path);
  const timer = setInterval(() => {
    const now = fingerprint(path);
    if (now === seen) return;
    seen = now;
    changed();
  }, INTERVAL_MS).unref();
  return () => clearInterval(timer);
}

/** What is gone or can't be read, a loop of links too, has a fingerprint, so that the callback runs, and reports what it meets. */
function fingerprint(path: string): string {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() !== true) return printOf(stat);
    return readdirSync(path)
      .sort()
      .map((name) => `${name} ${fileAt(join(path, name))}`)
      .join('\n');
  } catch (error) {
    return String(error);
  }
}

function fileAt(path: string): string {
  try {
    return printOf(statSync(path, { throwIfNoEntry: false }));
  } catch (error) {
    return String(error);
  }
}

const printOf = (stat: Stats | undefined): string =>
  stat === undefined ? 'absent' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
