import { parseArgs } from 'node:util';
import { archive } from './audit/retention.ts';
import { connect } from './database/connect.ts';
import { DomainError } from './problem.ts';

/** Retention: moves the oldest events of the audit journal to a file. Exit code 0 when it did, 2 when it could not. */
const usage = `Usage: DATABASE_URL=sqlite:path|postgres://… node src/audit-archive.ts --before TIME --file FILE
  --before TIME     RFC 3339: events that are older go, up to the first that still waits for its outcome
  --file FILE       a new file (NDJSON); keep it: audit-verify holds the journal against it
  --database URL    instead of DATABASE_URL`;

const main = async (): Promise<void> => {
  const options = { before: { type: 'string' }, file: { type: 'string' }, database: { type: 'string' } } as const;
  const { values } = parseArgs({ options });
  const before = new Date(values.before ?? Number.NaN);
  const url = values.database ?? process.env['DATABASE_URL'];
  if (Number.isNaN(before.getTime()) || values.file === undefined || url === undefined) throw new Error(usage);

  const database = await connect(url, { as: 'tool', timeoutMs: 30_000 });
  try {
    const { events, last } = await archive(database, { before, file: values.file });
    const what = events === 0 ? 'nothing is old enough' : `${events} events are in ${values.file}`;
    console.log(`${what}; the journal goes on from event ${last.sequence}, hash ${last.hash}`);
  } finally {
    await database.close();
  }
};

try {
  await main();
} catch (error) {
  const cause = error instanceof DomainError && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  console.error(`${error instanceof Error ? error.message : error}${cause}`);
  process.exitCode = 2;
}
