import { sql } from 'kysely';
import type { Test } from 'tap';
import { connect } from '../../src/database/connect.ts';
import { steps } from '../../src/database/migrations/index.ts';

/** A database that a newer version has migrated is taken as far as that says that it can be, and else refused in words. */
export async function refuseNewer(t: Test, url: string): Promise<void> {
  const newest = Object.keys(steps).at(-1)?.slice(0, 4);
  const migrated = async (name: string) => {
    const tool = await connect(url, { as: 'tool' });
    await sql`insert into kysely_migration (name, timestamp) values (${name}, '2100-01-01')`.execute(tool.kysely);
    await tool.close();
  };
  const refused = (name: string) =>
    t.rejects(connect(url), { code: 'audit-unavailable', message: new RegExp(`^A newer version .*\\(${name}\\)`) });
  for (let start = 0; start < 2; start += 1) await (await connect(url)).close();
  await migrated(`9001-of-tomorrow.beside-${newest}`);
  await migrated('9002-of-tomorrow-too.beside-0001');
  for (let start = 0; start < 2; start += 1) await (await connect(url)).close();
  await migrated('9003-two-versions-on.beside-9002');
  await refused('9003-two-versions-on.beside-9002');
  await migrated('9001-which-takes-away');
  await refused('9001-which-takes-away');
}
