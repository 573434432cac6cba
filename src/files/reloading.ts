import type { Logger } from 'pino';
import { watchFiles } from './watch-files.ts';

/** What was read from files, and is read again when they change. */
type Reloading<T> = {
  /** As last read. */
  current(): T;
  reload(): void;
  /** Ends the watch. */
  close(): void;
};

/**
 * Loads now, and again whenever the file, or a file of the directory, changes. What can't be loaded leaves what was
 * before in force, and is logged: `WHAT not reloaded`.
 * @param load all or nothing
 * @throws what the first load throws
 */
export function keepLoaded<T>(
  path: string,
  { what, load, log }: { what: string; load: () => T; log: Pick<Logger, 'error'> },
): Reloading<T> {
  const reload = () => {
    try {
      current = load();
    } catch (err) {
      log.error({ err, path }, `${what} not reloaded: what was before stays in force`);
    }
  };
  // The watch starts first, so that a change during the first load is not missed.
  const close = watchFiles(path, reload);
  let current: T;
  try {
    current = load();
  } catch (error) {
    close();
    throw error;
  }
  return { current: () => current, reload, close };
}
