import type { AuditTrail } from '../../access/looks/audit-trail.ts';
import type { SecretEvents } from '../../access/looks/entry-origins.ts';
import type { ChangeEvents } from '../../access/recover/change-events.ts';
import type { AuditJournal } from '../../access/write/record/audit-journal.ts';
import type { AuditEvent } from '../../audit/event.ts';
import type { Verification } from '../../audit/verify-chain.ts';
import { type Channels, createChannels } from '../../channels.ts';
import type { Clock } from '../../clock.ts';
import { createLru } from '../../lru.ts';
import type { Database } from '../database.ts';
import { atTheEdge } from '../errors.ts';
import { type AppendRequest, appendInOneTransaction } from './append.ts';
import { createGroupCommit } from './group-commit.ts';
import { lastPolicy, openIntentsOf, type RecentEvents, unlandedChange } from './last-policy.ts';
import { createTrail } from './trail.ts';
import type { CheckpointTrust } from './verification/checkpoints.ts';
import { shareVerification } from './verification/share-verification.ts';
import { verifyJournal } from './verification/verify-journal.ts';

export type Journal = AuditJournal &
  AuditTrail &
  SecretEvents &
  ChangeEvents & {
    /** Broken off once everybody who asked for it is `gone`. */
    verify(gone?: AbortSignal): Promise<Verification>;
  };

type JournalOptions = {
  database: Database;
  clock: Clock;
  /** Milliseconds after which an append is given up: audit-unavailable. */
  timeoutMs?: number;
  /** Called with each event once it is durable, also when its caller was told meanwhile that it may not be. Must not throw. */
  onEvent?: (event: AuditEvent) => void;
  /** Whose signed checkpoints verification holds the chain against. */
  trust?: CheckpointTrust;
  channels?: Pick<Channels, 'auditAppend'>;
};

/** Appends that one transaction takes at most; with two full policies each, some 20 MB. */
const MAX_APPENDS = 128;
/** Events that are kept in memory; with two full policies each, some 10 MB. */
const RECENT_EVENTS = 100;

/**
 * The audit journal: a chain of events in the database, read back by filter and verified. An append that resolves is
 * on disk. One that was given up may be on disk too (its message says which): an intent without an outcome then, which
 * reconciliation finds by `unfinishedIntents`.
 */
export const createJournal = ({
  database,
  clock,
  timeoutMs = 5_000,
  onEvent = () => {},
  trust,
  channels = createChannels(),
}: JournalOptions): Journal => {
  const recent: RecentEvents = createLru(RECENT_EVENTS);
  const publish = (event: AuditEvent) => {
    recent.keep(event.hash, event);
    onEvent(event);
  };
  const append = createGroupCommit<AppendRequest, AuditEvent[]>({
    timeoutMs,
    maxRequests: MAX_APPENDS,
    write: async (requests) => {
      const results = await atTheEdge(() => appendInOneTransaction(database, clock, requests));
      for (const result of results) if (result.status === 'fulfilled') result.value.forEach(publish);
      return results;
    },
  });
  const record = async (request: AppendRequest): Promise<AuditEvent[]> => {
    const events = request.drafts.length;
    return events === 0 ? [] : channels.auditAppend.tracePromise(() => append(request), { events });
  };
  return {
    append: (drafts, upTo) => record({ drafts, upTo }),
    settle: (drafts, intended) => record({ drafts, intended }),
    ...createTrail(database),
    lastPolicy: (secretArn) => atTheEdge(() => lastPolicy(database.kysely, recent, secretArn)),
    unlandedChange: (secretArn, afterHash) =>
      atTheEdge(() => unlandedChange(database.kysely, recent, secretArn, afterHash)),
    openIntents: (secretArn) => atTheEdge(async () => (await openIntentsOf(database.kysely, secretArn)).reverse()),
    verify: shareVerification((gone) => verifyJournal(database, trust, undefined, gone)),
  };
};
