import type { Kysely } from 'kysely';
import type { Pool } from 'pg';
import type { Schema } from './schema.ts';

export type DatabaseKind = 'sqlite' | 'postgres';

export type ConnectOptions = {
  /** Milliseconds a statement, or the wait for a connection, may take. */
  timeoutMs?: number;
  /** Connections to PostgreSQL for queries, and those that hold the locks of secrets: the sum is one replica's share. */
  poolSize?: number;
  lockPoolSize?: number;
  /**
   * `service` (the default) creates and migrates the database and is the only service process of a SQLite file; `tool`
   * opens what exists beside a running service, as `audit:verify` does.
   */
  as?: 'service' | 'tool';
  /** Asked by each new connection to PostgreSQL; without it the URL has it. */
  password?: () => Promise<string>;
  /** A connection to PostgreSQL broke. The next query gets another; one under way fails by itself. */
  onConnectionLost?: (error: Error) => void;
  /** SQLite’s log could not be brought into the file: nothing is lost, and it grows until that works. */
  onCheckpointFailed?: (error: unknown) => void;
};

export type Database = {
  kysely: Kysely<Schema>;
  /** @throws DomainError audit-unavailable */
  ping(): Promise<void>;
  /** Waits for queries that run. */
  close(): Promise<void>;
} & ({ kind: 'sqlite'; file: string } | { kind: 'postgres'; lockPool: Pool });

/** A connection before it has the shape that both share. */
export type OpenedDatabase = { kysely: Kysely<Schema>; close(): Promise<void> } & (
  | { kind: 'sqlite'; file: string }
  | { kind: 'postgres'; lockPool: Pool }
);
