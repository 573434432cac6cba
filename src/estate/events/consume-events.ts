import type { Clock } from '../../clock.ts';
import { passes } from '../../patience.ts';
import { DomainError } from '../../problems/problem.ts';
import { createGate } from '../../turns/gate.ts';
import type { Place } from '../place.ts';
import type { ChangeEventQueue, QueuedMessage, ReceivingState, TakenMessage } from './change-event-queue.ts';
import { type Ended, endMessages, giveBack } from './end-messages.ts';
import type { HintFollower } from './follow-hint.ts';
import { type Hint, hintsOf, type UselessReason } from './hint.ts';

/** What SQS gives at once at most. */
const BATCH = 10;
/** Messages held at a time: beyond that they stay in the queue. */
const MOST_HELD = 500;
/** Looks that wait in one account and Region, so that a slow one leaves room for others, and all are made before they come again. */
const MOST_OF_PLACE = 40;
/** What comes of one secret in this time is one look; an event is to be in the index within 2 s. */
const GATHER_MS = 250;
/** Looks at once in one account and Region: what is slow in one holds up no other. */
const LOOKS_AT_ONCE = 4;
/** Between tries while the queue does not answer. */
const PATIENCE_MS = [1_000, 2_000, 5_000, 10_000, 30_000];
/**
 * How long a receive may go on once the process stops. What SQS has handed out to a call that is cut off comes to nobody until
 * it is visible again, and a queue that is not empty answers at once.
 */
const LAST_RECEIVE_MS = 1_000;

/** What happens to messages, for who counts it. */
type ConsumerSigns = {
  received(count: number): void;
  coalesced(): void;
  useless(reason: UselessReason, message: TakenMessage): void;
  /** A look did not succeed; the message comes again. */
  failed(hint: Hint, error: unknown): void;
  /** The queue does not answer; null once it does again. */
  unreachable(error: unknown): void;
};

export type ChangeEventConsumer = {
  /** Receives until it is stopped. Never rejects. */
  run(): Promise<void>;
  /** Receives no more, gives back what was not begun, and waits for the looks under way. */
  stop(): Promise<void>;
  state(): ReceivingState;
};

/** Without its body, which may be large. */
type Held = { message: TakenMessage; left: number; ended: Ended };
type Waiting = { hints: Hint[]; messages: Held[] };

/**
 * Looks again at what change events name. A message is deleted only once that succeeded, or where it is of no use: what is
 * lost in between comes again.
 */
export function createChangeEventConsumer(deps: {
  queue: ChangeEventQueue;
  follow: HintFollower;
  clock: Clock;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  on: ConsumerSigns;
}): ChangeEventConsumer {
  const { queue, on, clock } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  const hangUp = new AbortController();
  const waiting = new Map<string, Waiting>();
  const held = new Set<Held>();
  const looks = new Set<Promise<void>>();
  const oneLook = createGate(1);
  const someLooks = createGate(LOOKS_AT_ONCE);
  let hasRoom = Promise.withResolvers<void>();
  let running: Promise<void> | undefined;
  let lastReceivedAt: Date | null = null;
  let problem: string | null = null;

  async function receive(): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      if (held.size > MOST_HELD - BATCH) {
        hasRoom = Promise.withResolvers();
        await hasRoom.promise;
        continue;
      }
      try {
        const messages = await queue.receive(BATCH, hangUp.signal);
        failures = 0;
        if (problem !== null) on.unreachable(null);
        problem = null;
        if (messages.length > 0) await takeIn(messages);
      } catch (error) {
        if (signal.aborted) return;
        if (problem === null) on.unreachable(error);
        problem = error instanceof Error ? error.message : String(error);
        await deps.sleep(PATIENCE_MS[failures] ?? 30_000, signal).catch(() => {});
        failures += 1;
      }
    }
  }

  async function takeIn(messages: readonly QueuedMessage[]): Promise<void> {
    lastReceivedAt = clock();
    on.received(messages.length);
    const useless: TakenMessage[] = [];
    const tooMany: TakenMessage[] = [];
    for (const { body, ...message } of messages) {
      const hints = hintsOf(body);
      if (typeof hints === 'string') {
        on.useless(hints, message);
        useless.push(message);
      } else if (isFull(hints)) tooMany.push(message);
      else hold(message, hints);
    }
    if (useless.length > 0) await queue.done(useless);
    await giveBack(queue, tooMany, signal.aborted);
  }

  /** What joins a look that waits takes no room. */
  const isFull = (hints: readonly Hint[]): boolean => {
    const places = new Set(hints.filter((hint) => !waiting.has(keyOf(hint))).map(({ place }) => nameOf(place)));
    const waitingOf = (name: string) =>
      waiting
        .values()
        .filter(({ hints: [first] }) => first !== undefined && nameOf(first.place) === name)
        .toArray().length;
    return places.values().some((name) => waitingOf(name) >= MOST_OF_PLACE);
  };

  function hold(message: TakenMessage, hints: readonly Hint[]): void {
    const one: Held = { message, left: hints.length, ended: 'done' };
    held.add(one);
    for (const hint of hints) {
      const key = keyOf(hint);
      const gathered = waiting.get(key);
      if (gathered !== undefined) {
        on.coalesced();
        gathered.hints.push(hint);
        gathered.messages.push(one);
        continue;
      }
      waiting.set(key, { hints: [hint], messages: [one] });
      const look = lookFor(key, hint).finally(() => looks.delete(look));
      looks.add(look);
    }
  }

  async function lookFor(key: string, { place }: Hint): Promise<void> {
    await deps.sleep(GATHER_MS, signal).catch(() => {});
    await oneLook(key, () => someLooks(nameOf(place), () => look(key)));
  }

  async function look(key: string): Promise<void> {
    const gathered = waiting.get(key);
    waiting.delete(key);
    if (gathered === undefined) return;
    const ended = signal.aborted ? 'left' : await followAll(gathered);
    for (const one of gathered.messages) {
      one.left -= 1;
      if (ended === 'left' || ended === 'again') one.ended = 'again';
      else if (ended === 'later' && one.ended === 'done') one.ended = 'later';
    }
    const over = gathered.messages.filter(({ left }) => left === 0);
    await endMessages(queue, over, ended === 'left').catch((error) => on.unreachable(error));
    for (const one of over) held.delete(one);
    if (held.size <= MOST_HELD - BATCH) hasRoom.resolve();
  }

  async function followAll({ hints, messages }: Waiting): Promise<Ended> {
    const [first] = hints;
    if (first === undefined) return 'done';
    try {
      const followed = await deps.follow(hints);
      if (followed === 'again' || followed === 'later') return followed;
      if (followed !== 'looked') for (const { message } of messages) on.useless(followed, message);
      return 'done';
    } catch (error) {
      on.failed(first, error);
      if (!(error instanceof DomainError) || passes(error)) return 'again';
      for (const { message } of messages) on.useless('refused', message);
      return 'done';
    }
  }

  /** Those whose turn has not come: they would wait for the ones before them. */
  const leaveWaiting = () => Promise.all([...waiting.keys()].map(look));

  return {
    run() {
      running ??= receive();
      return running;
    },
    async stop() {
      stopping.abort();
      hasRoom.resolve();
      await leaveWaiting();
      const isOver = new AbortController();
      const late = deps.sleep(LAST_RECEIVE_MS, isOver.signal).then(() => hangUp.abort());
      await running;
      isOver.abort();
      await late.catch(() => {});
      await leaveWaiting();
      await Promise.all(looks);
    },
    state: () => ({
      receiving: running !== undefined && problem === null,
      lastReceivedAt,
      problem,
      oldestSentAt: held.values().reduce<Date | null>(older, null),
    }),
  };
}

const keyOf = ({ about, place, id }: Hint): string => `${about} ${nameOf(place)} ${id}`;

const nameOf = ({ account, region }: Place): string => `${account} ${region}`;

const older = (oldest: Date | null, { message: { sentAt } }: Held): Date =>
  oldest === null || sentAt < oldest ? sentAt : oldest;
