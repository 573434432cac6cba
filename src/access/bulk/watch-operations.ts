import { SILENCE_MS, WATCHED_MS } from '../watching.ts';
import type { AskedOperation } from './operation.ts';

export interface OperationStates {
  /** Those of some that there are. @throws DomainError audit-unavailable */
  findAll(ids: readonly string[]): Promise<AskedOperation[]>;
}

/** Operations as they go on, for any number of watchers. */
type OperationWatch = {
  /**
   * The operation whenever its counts change, until it ends, or nobody watches any more; null where nothing was new for 15 s.
   * @throws DomainError audit-unavailable
   */
  of(id: string, gone: AbortSignal): AsyncIterable<AskedOperation | null>;
};

/** Once somebody has come to watch: what was just begun may be done at once. */
const FIRST_PAUSES_MS = [50, 150, 300];
const PAUSE_MS = 500;

type Look = { pauseMs: number; operations: ReadonlyMap<string, AskedOperation> };

/**
 * Looks at all operations that are watched at once: what that costs does not grow with how many watch the same.
 * @param sleep waits, in milliseconds
 */
export function createOperationWatch(store: OperationStates, sleep: (ms: number) => Promise<void>): OperationWatch {
  let asking: { id: string; gone: AbortSignal }[] = [];
  let look: Promise<Look> | undefined;
  let looks = 0;

  async function lookAtAll(): Promise<Look> {
    const pauseMs = FIRST_PAUSES_MS[looks++] ?? PAUSE_MS;
    await sleep(pauseMs);
    const ids = new Set(asking.filter(({ gone }) => !gone.aborted).map(({ id }) => id));
    asking = [];
    look = undefined;
    const found = await store.findAll([...ids]);
    return { pauseMs, operations: new Map(found.map((operation) => [operation.id, operation])) };
  }

  function next(id: string, gone: AbortSignal): Promise<Look> {
    asking.push({ id, gone });
    look ??= lookAtAll();
    return look;
  }

  return {
    async *of(id, gone) {
      let [found] = await store.findAll([id]);
      looks = 0;
      let last = '';
      for (let watchedMs = 0, silentMs = 0; watchedMs < WATCHED_MS && found !== undefined && !gone.aborted; ) {
        const counts = JSON.stringify([found.status, found.counts]);
        if (counts !== last || silentMs >= SILENCE_MS) {
          yield counts === last ? null : found;
          silentMs = 0;
        }
        if (found.finishedAt !== null) return;
        last = counts;
        const { pauseMs, operations } = await next(id, gone);
        found = operations.get(id);
        watchedMs += pauseMs;
        silentMs += pauseMs;
      }
    },
  };
}
