import { closeSync, openSync } from 'node:fs';

/**
 * An empty file that its owner alone reads, unless it is there already. SQLite gives its -wal and -shm files the mode of the
 * database, so this comes before SQLite first opens it.
 * @throws Error
 */
export const createPrivate = (path: string): void => closeSync(openSync(path, 'a', 0o600));
