import { accessSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type ChainHead, chainStart } from '../src/audit/chain.ts';
import type { Verification } from '../src/audit/verify-chain.ts';
import { verifyArchives } from '../src/database/journal/retention.ts';
import type { CheckpointTrust } from '../src/database/journal/verification/checkpoints.ts';
import { readPublicKeys } from '../src/database/journal/verification/open-checkpoints.ts';
import { archivedEnd, verifyJournal } from '../src/database/journal/verification/verify-journal.ts';
import { DomainError } from '../src/problems/problem.ts';
import { keepHeapSmall } from '../src/small-heap.ts';
import { argumentsOf, HELP } from './arguments.ts';
import { openJournal } from './open-journal.ts';

/**
 * `npm run audit:verify`: is the audit journal whole? Exit code 0 when it is, 1 when it is broken, 2 when that could not
 * be found out.
 */
const usage = `Usage: DATABASE_URL=sqlite:path|postgres://… npm run audit:verify -- [options]
  --public-key FILE    PEM of the Ed25519 key, or keys, whose checkpoints the chain is held against
  --checkpoints FILE   the file of checkpoints outside the database
  --archive FILE       an archive (NDJSON); repeat it, oldest first: verified as one chain with the journal
  --database URL       instead of DATABASE_URL
  -h, --help           this`;

const options = {
  'public-key': { type: 'string' },
  checkpoints: { type: 'string' },
  archive: { type: 'string', multiple: true },
  database: { type: 'string' },
  ...HELP,
} as const;
const { values } = argumentsOf(usage, () => parseArgs({ options }));

const main = async (): Promise<number> => {
  const url = values.database ?? process.env['DATABASE_URL'];
  if (url === undefined) throw new Error(usage);
  if (values.checkpoints !== undefined && values['public-key'] === undefined) throw new Error(usage);

  const database = await openJournal(url);
  try {
    let shown: ChainHead | undefined;
    const archives = values.archive ?? [];
    if (archives.length > 0) {
      const archived = await verifyArchives(archives, chainStart);
      const expected = await archivedEnd(database);
      if (!report('archives', archived)) return 1;
      if (archived.last.sequence !== expected.sequence || archived.lastHash !== expected.hash) {
        console.log(
          `BROKEN  archives: they end at event ${archived.last.sequence}, the journal goes on from ${expected.sequence}.`,
        );
        return 1;
      }
      shown = archived.last;
    }
    const trust = trustOf(values['public-key'], values.checkpoints);
    return report('journal', await verifyJournal(database, trust, shown)) ? 0 : 1;
  } finally {
    await database.close();
  }
};

const trustOf = (keyFile: string | undefined, file: string | undefined): CheckpointTrust | undefined => {
  if (keyFile === undefined) return undefined;
  if (file !== undefined) accessSync(file);
  return { ...readPublicKeys(keyFile), ...(file !== undefined && { file }) };
};

const report = (what: string, { events, archived, lastHash, firstBroken }: Verification): boolean => {
  const before = archived === 0 ? '' : `, after ${archived} archived ones`;
  if (firstBroken === null) console.log(`intact  ${what}: ${events} events${before}, last hash ${lastHash}`);
  else
    console.log(
      `BROKEN  ${what}: event ${firstBroken.sequence}. ${firstBroken.reason} (${events} events before it are whole.)`,
    );
  return firstBroken === null;
};

// All that it reads is garbage at once; it runs beside the service, often in its container.
keepHeapSmall();
try {
  process.exitCode = await main();
} catch (error) {
  const cause = error instanceof DomainError && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  console.error(`${error instanceof Error ? error.message : error}${cause}`);
  process.exitCode = 2;
}
