import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { components, SecretAccessClient } from '../index.ts';
import { answered, Refused } from './answers.ts';

export type Schemas = components['schemas'];

const ATTEMPTS = 4;
const MOST_WAIT_S = 30;

/**
 * Asks for a change until an answer comes, by one Idempotency-Key: the service finds out what became of the first.
 * @throws Refused where asking again does not help, or has not
 */
export async function changed<Data>(
  ask: (header: { 'idempotency-key': string }) => Parameters<typeof answered<Data>>[0],
): Promise<Data> {
  const header = { 'idempotency-key': randomUUID() };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await answered(ask(header));
    } catch (error) {
      if (attempt === ATTEMPTS || !maySucceedLater(error)) throw error;
      await sleep(waitOf(attempt));
    }
  }
}

/** No answer came, or one that says so. */
const maySucceedLater = (error: unknown): boolean =>
  error instanceof Refused ? error.problem.retryable : error instanceof TypeError;

const waitOf = (attempt: number): number => Math.min(MOST_WAIT_S, 2 ** (attempt - 1) / 4) * 1_000;

/** Everything of a list, page by page. */
export async function* all<Item>(
  page: (cursor: string | undefined) => Promise<{ items: Item[]; nextCursor: string | null }>,
): AsyncGenerator<Item> {
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await page(cursor);
    yield* items;
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
}

/** The same, of lists that are printed whole. */
export const collect = async <Item>(page: Parameters<typeof all<Item>>[0]): Promise<Item[]> => {
  const items: Item[] = [];
  for await (const item of all(page)) items.push(item);
  return items;
};

/** The service may restart while somebody waits: some minutes without an answer. */
const LOOKS_IN_VAIN = 40;
const MOST_LOOK_WAIT_S = 10;

/**
 * Looks until an answer comes.
 * @throws Refused where looking again does not help; TypeError where nobody answers for minutes
 */
export async function untilAnswered<Data>(ask: () => Parameters<typeof answered<Data>>[0]): Promise<Data> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await answered(ask());
    } catch (error) {
      if (attempt === LOOKS_IN_VAIN || !maySucceedLater(error)) throw error;
      await sleep(Math.min(MOST_LOOK_WAIT_S * 1_000, waitOf(attempt)));
    }
  }
}

/** The operation once it has ended; `onStep` is told how far it is. */
export async function ended(
  client: SecretAccessClient,
  operationId: string,
  onStep: (operation: Schemas['Operation']) => void,
): Promise<Schemas['Operation']> {
  for (;;) {
    const operation = await untilAnswered<Schemas['Operation']>(() =>
      client.GET('/v1/operations/{operationId}', { params: { path: { operationId } } }),
    );
    onStep(operation);
    if (operation.finishedAt !== null || operation.status === 'done' || operation.status === 'cancelled')
      return operation;
    await sleep(500);
  }
}
