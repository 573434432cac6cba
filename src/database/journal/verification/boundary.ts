import { createPublicKey, type KeyObject } from 'node:crypto';
import type { ChainHead } from '../../../audit/chain.ts';
import type { Database } from '../../database.ts';
import type { CheckpointRow } from '../../schema.ts';
import type { CheckpointTrust } from './checkpoints.ts';
import { isSigned, keyIdOf, signStatement } from './signed-statement.ts';

/** A signed statement that the events up to `sequence`, which had this hash, were archived, and may be gone. */
type Boundary = CheckpointRow;

const KIND = 'audit-archive';

/**
 * Where the chain goes on after an archive. Without a key nothing is signed, and only the archives themselves show that
 * nothing else is gone.
 */
export const moveBoundary = (database: Database, end: ChainHead, time: Date, privateKey?: KeyObject): Promise<void> =>
  database.kysely.transaction().execute(async (trx) => {
    await trx.updateTable('audit_chain').set({ archived_sequence: end.sequence, archived_hash: end.hash }).execute();
    if (privateKey === undefined) return;
    await trx
      .insertInto('audit_boundaries')
      .values(signed(end, time, privateKey))
      .execute();
  });

/** Why nothing says that the events up to `end` were archived; null where it is signed. */
export async function flawOfBoundary(
  { kysely }: Database,
  end: ChainHead,
  trust: CheckpointTrust | undefined,
): Promise<string | null> {
  const said = await kysely
    .selectFrom('audit_boundaries')
    .selectAll()
    .where('sequence', '=', end.sequence)
    .executeTakeFirst();
  const what = `Events up to number ${end.sequence} are not in the database`;
  if (said === undefined) return `${what}, and nothing signed says that they were archived: verify with the archives.`;
  if (trust === undefined)
    return `${what}; without the key of their signature only the archives tell: verify with them.`;
  return said.hash === end.hash && isSigned(KIND, said, [trust.publicKey, ...(trust.older ?? [])])
    ? null
    : `${what}, and what says that they were archived is not signed by the given key: verify with the archives.`;
}

function signed({ sequence, hash }: ChainHead, time: Date, privateKey: KeyObject): Boundary {
  const statement = { sequence, hash, time: time.toISOString() };
  return {
    ...statement,
    key_id: keyIdOf(createPublicKey(privateKey)),
    signature: signStatement(KIND, statement, privateKey),
  };
}
