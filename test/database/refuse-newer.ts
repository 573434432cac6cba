import { sql } from 'kysely';
import type { Test } from 'tap';
import { connect } from '../../src/database/connect.ts';

/** A database that a newer version has migrated is refused in words, and one of this version is not. */
export async function refuseNewer(t: Test, url: string): Promise<void> {
  await (await connect(url)).close();
  const again = await connect(url);
  const next = sql`insert into kysely_migration (name, timestamp) values ('9999-of-tomorrow', '2100-01-01')`;
  await next.execute(again.kysely);
  await again.close();
  await t.rejects(connect(url), { code: 'audit-unavailable', message: /A newer version .*9999-of-tomorrow/ });
}
