import { onlyHelp } from './arguments.ts';
import { failStart } from './process.ts';

/**
 * `DATABASE_URL=postgres://OWNER@… node bin/migrate.ts`: brings the database to this version as the owner of its tables, where
 * the service's own user may not. Once more changes nothing.
 */
onlyHelp(`DATABASE_URL=postgres://OWNER@… node bin/migrate.ts

Brings the database to this version as the owner of its tables, where the service's own user may not.

  -h, --help  this`);
try {
  const url = process.env['DATABASE_URL'];
  if (url === undefined) throw new Error('DATABASE_URL is not set.');
  const { openJournal } = await import('./open-journal.ts');
  await (await openJournal(url, 'service')).close();
  console.log('The database is as this version takes it.');
} catch (error) {
  failStart(error);
}
