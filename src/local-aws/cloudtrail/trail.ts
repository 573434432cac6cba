import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Of all accounts; beyond it the oldest are forgotten. */
const MAX_RECORDS = 10_000;

/** What records can be looked up by: columns of the table, named as LookupEvents names them. */
export const ATTRIBUTES = [
  'AccessKeyId',
  'EventId',
  'EventName',
  'EventSource',
  'ReadOnly',
  'ResourceName',
  'ResourceType',
  'Username',
] as const;
type Attribute = (typeof ATTRIBUTES)[number];

/** One record of an account in a Region: what it is found by, and the record itself, as JSON. Times are seconds since the epoch. */
export type TrailEntry = Record<Attribute, string | null> & {
  account: string;
  region: string;
  time: number;
  record: string;
};
export type Position = { time: number; sequence: number };

type Lookup = Pick<TrailEntry, 'account' | 'region'> & {
  from: number;
  /** Included, as is `from`. */
  to: number;
  by: { attribute: Attribute; value: string } | undefined;
  /** Only what is older. */
  after: Position | undefined;
  limit: number;
};

const COLUMNS = ['account', 'region', 'time', 'record', ...ATTRIBUTES] as const;

/**
 * The event history of all accounts, in a table of the store's database. What is written belongs to the transaction that
 * `begin` starts, or to the one that runs.
 */
export class Trail {
  readonly #database: DatabaseSync;
  readonly #begin: () => void;
  readonly #add: StatementSync;
  readonly #forget: StatementSync;
  readonly #lookups = new Map<Attribute | undefined, StatementSync>();

  constructor(database: DatabaseSync, begin: () => void) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS trail (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL, time INTEGER NOT NULL,
        record TEXT NOT NULL, ${ATTRIBUTES.map((name) => `${name} TEXT`).join(', ')}
      ) STRICT;
      CREATE INDEX IF NOT EXISTS trail_time ON trail (account, region, time, sequence)`);
    this.#database = database;
    this.#begin = begin;
    this.#add = database.prepare(
      `INSERT INTO trail (${COLUMNS.join()}) VALUES (${COLUMNS.map((name) => `:${name}`).join()})`,
    );
    this.#forget = database.prepare('DELETE FROM trail WHERE sequence <= ?');
  }

  add(entry: TrailEntry): void {
    this.#begin();
    const { lastInsertRowid } = this.#add.run(entry);
    this.#forget.run(Number(lastInsertRowid) - MAX_RECORDS);
  }

  /** The newest first. */
  lookUp({ account, region, from, to, by, after, limit }: Lookup): (TrailEntry & Position)[] {
    const { time, sequence } = after ?? { time: Number.MAX_SAFE_INTEGER, sequence: 0 };
    const values = { account, region, from, to, time, sequence, limit, ...(by && { value: by.value }) };
    return this.#lookup(by?.attribute).all(values) as (TrailEntry & Position)[];
  }

  #lookup(attribute: Attribute | undefined): StatementSync {
    const known = this.#lookups.get(attribute);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(`
      SELECT * FROM trail WHERE account = :account AND region = :region AND time BETWEEN :from AND :to
        AND (time, sequence) < (:time, :sequence) ${attribute === undefined ? '' : `AND ${attribute} = :value`}
      ORDER BY time DESC, sequence DESC LIMIT :limit`);
    this.#lookups.set(attribute, statement);
    return statement;
  }
}
