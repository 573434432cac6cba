import { type Clock, isWithin } from '../../clock.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Foreground } from '../../turns/foreground.ts';

/**
 * In this order: incidents, what else takes access away, other changes that somebody waits for, changes in the background, looks, those
 * that changes in the background begin with, and surveys, which take what the others leave. What nobody waits for goes between changes
 * that somebody waits for, too.
 */
const KINDS = ['incident', 'urgent', 'write', 'bulk', 'read', 'bulkRead', 'survey'] as const;
export type PaceKind = (typeof KINDS)[number];
/** What others go before and yet gets its turn: a look too, since an approver looks before deciding. Surveys take what is left. */
const IN_TURN: readonly PaceKind[] = ['urgent', 'write', 'bulk', 'read', 'bulkRead'];
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

/** So many calls go before a change or a look that waits, then one of those goes: neither an incident nor who asks all the time stops a denial, a bulk or an expiry. */
const MOST_PASSED = 9;

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
  const needed = {
    ...{ incident: 1, urgent: 1, write: 1 },
    ...{ bulk: afterWrites, read: afterWrites, bulkRead: afterWrites, survey: afterAll },
  };
  const maxWaiting = Math.ceil((perSecond * options.maxWaitMs) / 1000);
  const lane = () => new Set<() => void>();
  const waiting = {
    ...{ incident: lane(), urgent: lane(), write: lane() },
    ...{ bulk: lane(), read: lane(), bulkRead: lane(), survey: lane() },
  };
  /** Calls that went while one of this kind waited, since the last of these. */
  const passed = { incident: 0, urgent: 0, write: 0, bulk: 0, read: 0, bulkRead: 0, survey: 0 };
  let tokens = capacity;
  let filledAt = clock().getTime();
  let timer: NodeJS.Timeout | undefined;
  let isGivingWay = false;
  let lastInBackground = Number.NEGATIVE_INFINITY;

  function refill() {
    const now = clock().getTime();
    tokens = Math.min(capacity, tokens + (Math.max(0, now - filledAt) * perSecond) / 1000);
    filledAt = now;
  }

  const waits = (kind: PaceKind) => waiting[kind].size > 0;
  const isOwed = (kind: PaceKind) => waits(kind) && passed[kind] >= MOST_PASSED;
  const before = (kind: PaceKind) => KINDS.slice(0, KINDS.indexOf(kind));
  const givesWay = (kind: PaceKind) => IN_BACKGROUND.has(kind) && foreground?.isBusy() === true;
  /** What came together while others went first is not sent together where that would hold up whoever comes next. */
  const spacingMs = 1000 / perSecond;
  const isTooSoon = (kind: PaceKind) =>
    IN_BACKGROUND.has(kind) && isWithin(spacingMs, lastInBackground, filledAt) && foreground?.isLoaded() === true;
  const mayGo = (kind: PaceKind) =>
    tokens >= needed[kind] &&
    !givesWay(kind) &&
    !isTooSoon(kind) &&
    before(kind).every((earlier) => !waits(earlier) || givesWay(earlier));

  function takeOne(kind: PaceKind) {
    tokens -= 1;
    for (const other of IN_TURN) passed[other] = waits(other) ? passed[other] + 1 : 0;
    passed[kind] = 0;
    if (IN_BACKGROUND.has(kind)) lastInBackground = filledAt;
  }

  function nextToGo(): PaceKind | undefined {
    const owed = KINDS.find(isOwed);
    if (owed !== undefined) return tokens >= 1 ? owed : undefined;
    return KINDS.find((kind) => waits(kind) && mayGo(kind));
  }

  function drain() {
    refill();
    for (let kind = nextToGo(); kind !== undefined; kind = nextToGo()) letGo(kind);
    wakeForNext();
  }

  function letGo(kind: PaceKind) {
    const [first] = waiting[kind];
    if (first === undefined) return;
    waiting[kind].delete(first);
    takeOne(kind);
    first();
  }

  function wakeForNext() {
    clearTimeout(timer);
    const owed = KINDS.find(isOwed);
    const next = owed ?? KINDS.find(waits);
    if (next === undefined) return;
    const lacking = (owed === undefined ? needed[next] : 1) - tokens;
    if (owed === undefined && lacking <= 0 && givesWay(next)) {
      if (!isGivingWay) void foreground?.quiet().then(drainAfter);
      isGivingWay = true;
      return;
    }
    const untilTokens = (lacking / perSecond) * 1000;
    timer = setTimeout(drain, Math.max(1, Math.ceil(isTooSoon(next) ? Math.max(spacingMs, untilTokens) : untilTokens)));
  }

  /** It has given way for long enough. One at a time, where somebody waits still: many would be as much in the way as before. */
  function drainAfter() {
    isGivingWay = false;
    const next = KINDS.find(waits);
    if (next !== undefined && IN_BACKGROUND.has(next)) passed[next] = MOST_PASSED;
    drain();
  }

  const throttled = (kind: PaceKind) =>
    new DomainError('aws-throttled', {
      waiting: KINDS.indexOf(kind) < KINDS.indexOf('read') ? 'write' : 'read',
      retryAfter: Math.max(1, Math.ceil(waiting[kind].size / perSecond)),
    });

  return {
    async take(kind, signal) {
      refill();
      if (!waits(kind) && mayGo(kind) && !KINDS.some(isOwed)) {
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
      return tokens === capacity && !KINDS.some(waits);
    },
  };
}
