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

const LOOK_EVERY_MS = 500;
const LOOKS_IN_SILENCE = SILENCE_MS / LOOK_EVERY_MS;
const LOOKS_AT_MOST = WATCHED_MS / LOOK_EVERY_MS;

/**
 * Looks at all operations that are watched at once: what that costs does not grow with how many watch the same.
 * @param sleep waits, in milliseconds
 */
export function createOperationWatch(store: OperationStates, sleep: (ms: number) => Promise<void>): OperationWatch {
  let asking: { id: string; gone: AbortSignal }[] = [];
  let look: Promise<ReadonlyMap<string, AskedOperation>> | undefined;

  async function lookAtAll(): Promise<ReadonlyMap<string, AskedOperation>> {
    await sleep(LOOK_EVERY_MS);
    const ids = new Set(asking.filter(({ gone }) => !gone.aborted).map(({ id }) => id));
    asking = [];
    look = undefined;
    return new Map((await store.findAll([...ids])).map((operation) => [operation.id, operation]));
  }

  async function next(id: string, gone: AbortSignal): Promise<AskedOperation | undefined> {
    asking.push({ id, gone });
    look ??= lookAtAll();
    return (await look).get(id);
  }

  return {
    async *of(id, gone) {
      let [found] = await store.findAll([id]);
      let last = '';
      let silence = 0;
      for (let looks = 0; looks < LOOKS_AT_MOST && found !== undefined && !gone.aborted; looks += 1) {
        const counts = JSON.stringify([found.status, found.counts]);
        silence = counts === last ? silence + 1 : 0;
        if (silence === 0) yield found;
        else if (silence % LOOKS_IN_SILENCE === 0) yield null;
        if (found.finishedAt !== null) return;
        last = counts;
        found = await next(id, gone);
      }
    },
  };
}
