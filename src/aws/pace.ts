import type { Clock } from '../clock.ts';
import type { Foreground } from '../foreground.ts';
import { DomainError } from '../problems/problem.ts';

/**
 * In this order: what takes access away, other changes that somebody waits for, changes in the background, looks, and
 * surveys, which take what the others leave. What nobody waits for takes it between changes that somebody waits for, too.
 */
const KINDS = ['urgent', 'write', 'bulk', 'read', 'survey'] as const;
export type PaceKind = (typeof KINDS)[number];
const IN_BACKGROUND: ReadonlySet<PaceKind> = new Set(['bulk', 'survey']);

/** Keeps the policy calls of one account and Region under AWS's quota. */
export type Pace = {
  /**
   * Resolves when one more call may be sent.
   * @throws DomainError aws-throttled when the queue is full or `signal` aborts first
   */
  take(kind: PaceKind, signal: AbortSignal): Promise<void>;
  /** Nobody waits and no call was made lately: forgetting this bucket forgets nothing. */
  isIdle(): boolean;
};

/** The share of a second's calls that may come at once, so that any second sees at most 1.25 × perSecond calls. */
const BURST = 0.25;
/** The share of the burst that only changes that somebody waits for may use. */
const RESERVED_FOR_WRITES = 0.4;
/** The share that surveys leave to all others, so that these find tokens when they come. */
const RESERVED_FROM_SURVEYS = 0.6;

/** So many calls pass changes in the background that wait, then one of those goes: who asks all the time stops no denial in a bulk, and no expiry. */
const MOST_PASSED = 8;

/**
 * A token bucket. AWS allows 50 Get-, Put-, Delete- and ValidateResourcePolicy calls a second per account and Region
 * together (Secrets Manager User Guide, "Quotas"); 40 here, plus the burst, keep below that.
 * @param options.maxWaitMs a call that would wait longer is refused at once
 */
export function createPace(options: {
  perSecond: number;
  maxWaitMs: number;
  clock: Clock;
  foreground?: Pick<Foreground, 'isBusy' | 'isLoaded' | 'quiet'>;
}): Pace {
  const { perSecond, clock, foreground } = options;
  const capacity = Math.max(1, perSecond * BURST);
  const reserving = (share: number) => 1 + Math.min(capacity - 1, capacity * share);
  const [afterWrites, afterAll] = [reserving(RESERVED_FOR_WRITES), reserving(RESERVED_FROM_SURVEYS)];
  const needed = { urgent: 1, write: 1, bulk: afterWrites, read: afterWrites, survey: afterAll };
  const maxWaiting = Math.ceil((perSecond * options.maxWaitMs) / 1000);
  const lane = () => new Set<() => void>();
  const waiting = { urgent: lane(), write: lane(), bulk: lane(), read: lane(), survey: lane() };
  let tokens = capacity;
  let filledAt = clock().getTime();
  let timer: NodeJS.Timeout | undefined;
  let isGivingWay = false;
  /** Calls in the background that may go although somebody waits. */
  let passes = 0;
  let lastInBackground = Number.NEGATIVE_INFINITY;
  /** Calls that went while changes in the background waited, since the last of these. */
  let passed = 0;

  function refill() {
    const now = clock().getTime();
    tokens = Math.min(capacity, tokens + (Math.max(0, now - filledAt) * perSecond) / 1000);
    filledAt = now;
  }

  const before = (kind: PaceKind) => KINDS.slice(0, KINDS.indexOf(kind));
  const givesWay = (kind: PaceKind) => IN_BACKGROUND.has(kind) && passes === 0 && foreground?.isBusy() === true;
  /** What came together while others went first is not sent together where that would hold up whoever comes next. */
  const spacingMs = 1000 / perSecond;
  const isTooSoon = (kind: PaceKind) =>
    IN_BACKGROUND.has(kind) && filledAt - lastInBackground < spacingMs && foreground?.isLoaded() === true;
  const mayGo = (kind: PaceKind) =>
    tokens >= needed[kind] &&
    !givesWay(kind) &&
    !isTooSoon(kind) &&
    before(kind).every((earlier) => waiting[earlier].size === 0 || givesWay(earlier));

  const isOwed = () => passed >= MOST_PASSED && waiting.bulk.size > 0;

  function takeOne(kind: PaceKind) {
    tokens -= 1;
    passed = kind === 'bulk' || waiting.bulk.size === 0 ? 0 : passed + 1;
    if (!IN_BACKGROUND.has(kind)) return;
    passes = Math.max(0, passes - 1);
    lastInBackground = filledAt;
  }

  function drain() {
    refill();
    for (const kind of KINDS) {
      while (waiting[kind].size > 0) {
        if (isOwed() && tokens >= 1) letGo('bulk');
        else if (mayGo(kind)) letGo(kind);
        else break;
      }
    }
    wakeForNext();
  }

  function letGo(kind: PaceKind) {
    const [first] = waiting[kind];
    if (first === undefined) return;
    takeOne(kind);
    waiting[kind].delete(first);
    first();
  }

  function wakeForNext() {
    clearTimeout(timer);
    const next = KINDS.find((kind) => waiting[kind].size > 0);
    if (next === undefined) return;
    if (tokens >= needed[next] && givesWay(next)) {
      if (!isGivingWay) void foreground?.quiet().then(drainAfter);
      isGivingWay = true;
      return;
    }
    const untilTokens = ((needed[next] - tokens) / perSecond) * 1000;
    timer = setTimeout(drain, Math.max(1, Math.ceil(isTooSoon(next) ? Math.max(spacingMs, untilTokens) : untilTokens)));
  }

  /** One at a time, where somebody waits still: many would be as much in the way as before. */
  function drainAfter() {
    isGivingWay = false;
    passes = 1;
    drain();
    passes = 0;
  }

  const throttled = (kind: PaceKind) =>
    new DomainError('aws-throttled', {
      waiting: kind === 'read' || kind === 'survey' ? 'read' : 'write',
      retryAfter: Math.max(1, Math.ceil(waiting[kind].size / perSecond)),
    });

  return {
    async take(kind, signal) {
      refill();
      if (waiting[kind].size === 0 && mayGo(kind) && !isOwed()) {
        takeOne(kind);
        return;
      }
      if (signal.aborted || waiting[kind].size >= maxWaiting) throw throttled(kind);
      await new Promise<void>((resolve, reject) => {
        const giveUp = () => {
          waiting[kind].delete(go);
          reject(throttled(kind));
        };
        const go = () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        };
        signal.addEventListener('abort', giveUp, { once: true });
        waiting[kind].add(go);
        wakeForNext();
      });
    },
    isIdle() {
      refill();
      return tokens === capacity && KINDS.every((kind) => waiting[kind].size === 0);
    },
  };
}
