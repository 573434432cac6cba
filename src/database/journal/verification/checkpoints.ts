import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import type { AuditEvent } from '../../../audit/event.ts';
import type { Clock } from '../../../clock.ts';
import type { Database } from '../../database.ts';
import { atTheEdge } from '../../errors.ts';
import type { CheckpointRow } from '../../schema.ts';
import { isSigned, keyIdOf, signStatement } from './signed-statement.ts';

/** A signed statement that the chain's event `sequence` had this hash. */
export type Checkpoint = CheckpointRow;

/** Whose checkpoints are believed, and the file outside the database that also holds them. */
export type CheckpointTrust = {
  publicKey: KeyObject;
  /** Keys that signed before it. */
  older?: readonly KeyObject[];
  file?: string;
};

export type Checkpoints = {
  /** Signs the end of the chain; null when the chain is empty. @throws DomainError audit-unavailable */
  take(): Promise<Checkpoint | null>;
  /** For the journal's `onEvent`: takes one after every `every` events, in the background. */
  onEvent(event: AuditEvent): void;
};

type CheckpointOptions = {
  database: Database;
  clock: Clock;
  /** Ed25519. Keep it where the database's administrators cannot read it, or the signature says nothing to them. */
  privateKey: KeyObject;
  /** Checkpoints are appended here too, one JSON a line: who can cut the journal's tail can cut its checkpoints as well. */
  file?: string;
  every: number;
  /** A checkpoint in the background failed. The journal goes on; the next one covers what this one would have. */
  onError: (error: unknown) => void;
};

/** A hash chain alone shows no missing tail, and can be forged whole by who owns the database. Signed checkpoints show both. */
export const createCheckpoints = (options: CheckpointOptions): Checkpoints => {
  const { database, clock, privateKey, file, every, onError } = options;
  const keyId = keyIdOf(createPublicKey(privateKey));
  const take = async (): Promise<Checkpoint | null> => {
    const head = await atTheEdge(() =>
      database.kysely.selectFrom('audit_chain').select(['sequence', 'hash']).executeTakeFirstOrThrow(),
    );
    if (head.sequence === 0) return null;
    const statement = { ...head, time: clock().toISOString() };
    const signature = signStatement('audit-checkpoint', statement, privateKey);
    const checkpoint = { ...statement, key_id: keyId, signature };
    // Another replica may have signed the same event: one is enough.
    await atTheEdge(() =>
      database.kysely
        .insertInto('audit_checkpoints')
        .values(checkpoint)
        .onConflict((conflict) => conflict.column('sequence').doNothing())
        .execute(),
    );
    if (file !== undefined) await appendDurably(file, `${JSON.stringify(checkpoint)}\n`);
    return checkpoint;
  };
  return {
    take,
    onEvent: ({ sequence }) => {
      if (sequence % every === 0) take().catch(onError);
    },
  };
};

export const isSignedBy = ({ publicKey, older = [] }: CheckpointTrust, checkpoint: Checkpoint): boolean =>
  isSigned('audit-checkpoint', checkpoint, [publicKey, ...older]);

/**
 * All checkpoints of the table and the file, in the order of the chain.
 * @throws Error when the file is gone although checkpoints were taken, or holds something else
 */
export const loadCheckpoints = async (database: Database, file: string | undefined): Promise<Checkpoint[]> => {
  const stored = await database.kysely.selectFrom('audit_checkpoints').selectAll().execute();
  const text = file === undefined || (stored.length === 0 && !existsSync(file)) ? '' : await readFile(file, 'utf8');
  const kept = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Checkpoint => JSON.parse(line));
  return [...stored, ...kept].sort((one, other) => one.sequence - other.sequence);
};

const appendDurably = async (file: string, text: string): Promise<void> => {
  const handle = await open(file, 'a', 0o600);
  try {
    await handle.appendFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
};
