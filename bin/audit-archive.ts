import { parseArgs } from 'node:util';
import { archive, verifyArchives } from '../src/database/journal/retention.ts';
import { readCheckpointKeys } from '../src/database/journal/verification/open-checkpoints.ts';
import { DomainError } from '../src/problems/problem.ts';
import { argumentsOf, HELP } from './arguments.ts';
import { openJournal } from './open-journal.ts';

/**
 * `npm run audit:archive`: moves old events from the journal to a file, beside the running service. Exit code 0; 1 when
 * nothing was moved because of an error; 2 for an option that there is not.
 */
const usage = `Usage: DATABASE_URL=sqlite:path|postgres://… npm run audit:archive -- --before TIME --file FILE
  --before TIME   RFC 3339: events older than this go, but for intents without an outcome and what came after them
  --file FILE     a new file for them, one JSON a line; keep it: it proves what was removed
  --key FILE      PEM of the Ed25519 key of the checkpoints: signs up to where events were archived
  --archive FILE  the archives before, oldest first, once: where they were made without --key
  --database URL  instead of DATABASE_URL
  -h, --help      this`;

const options = {
  before: { type: 'string' },
  file: { type: 'string' },
  key: { type: 'string' },
  archive: { type: 'string', multiple: true },
  database: { type: 'string' },
  ...HELP,
} as const;
const { values } = argumentsOf(usage, () => parseArgs({ options }));

const main = async (): Promise<void> => {
  const url = values.database ?? process.env['DATABASE_URL'];
  const before = new Date(values.before ?? '');
  if (url === undefined || values.file === undefined || Number.isNaN(before.getTime())) throw new Error(usage);

  const keys = values.key === undefined ? undefined : readCheckpointKeys(values.key, '--key');

  const database = await openJournal(url);
  try {
    const { firstBroken, last: known } = await verifyArchives(values.archive ?? []);
    if (firstBroken !== null) throw new Error(`The archives are broken at event ${firstBroken.sequence}.`);
    const signs = keys && { privateKey: keys.privateKey, olderKeys: keys.older, known };
    const { events, last } = await archive(database, { before, file: values.file, ...signs });
    if (events === 0) console.log('Nothing to archive: no event is that old.');
    else console.log(`Archived ${events} events to ${values.file}, up to number ${last.sequence}, hash ${last.hash}`);
  } finally {
    await database.close();
  }
};

try {
  await main();
} catch (error) {
  const cause = error instanceof DomainError && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  console.error(`${error instanceof Error ? error.message : error}${cause}`);
  process.exitCode = 1;
}
