import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import type { Test } from 'tap';
import { connect } from '../../src/database/connect.ts';
import type { Database } from '../../src/database/database.ts';
import { archive } from '../../src/database/journal/retention.ts';
import { CHILD_ENV } from '../child-env.ts';
import { build, MARY } from '../helper.ts';
import type { TestPostgres } from '../postgres.ts';

const DATABASE = '/v1/secrets/demo%2Fdatabase';
const GRANTS = /^```sql roles\n(.*?)^```$/ms.exec(readFileSync('docs/operations.md', 'utf8'))?.[1] ?? '';
const FORBIDDEN = { cause: { code: '42501' } };

/** Everything that the service's own user could try, to have events away. */
const ATTEMPTS = [
  'update audit_chain set archived_sequence = sequence, archived_hash = hash',
  "insert into audit_boundaries values (1, 'h', 't', 'k', 's')",
  'delete from audit_events',
  "update audit_events set actor = 'nobody'",
  'truncate audit_events',
  'delete from audit_checkpoints',
  'drop trigger audit_events_no_delete on audit_events',
  'alter table audit_events disable trigger all',
  'drop table audit_events',
  'create or replace function audit_refuse_unarchived() returns trigger language plpgsql as $$ begin return old; end $$',
  'delete from kysely_migration',
  'set role secret_access_archive',
  "set session_replication_role = 'replica'",
];

/** The users of docs/operations.md: the service works as one of them, and archives are made as another. */
export async function threeUsers(t: Test, postgres: TestPostgres): Promise<void> {
  const url = await postgres.freshDatabase();
  const migrate = { env: { ...CHILD_ENV, DATABASE_URL: url } };
  t.match(await promisify(execFile)(process.execPath, ['bin/migrate.ts'], migrate), {
    stdout: /as this version takes/,
  });
  const owner = await connect(url, { as: 'tool' });
  t.teardown(() => owner.close());
  const as = (name: string) => Object.assign(new URL(url), { username: name, password: name }).href;
  for (const name of ['secret_access', 'secret_access_archive']) {
    await sql.raw(`create role ${name} login password '${name}'`).execute(owner.kysely);
  }
  await t.rejects(connect(as('secret_access')), { code: 'audit-unavailable' }, 'without grants it does not start');
  await sql`alter table operations owner to secret_access`.execute(owner.kysely);
  await owner.kysely.connection().execute(async (one) => {
    await t.rejects(sql.raw(GRANTS).execute(one), /owns tables/, 'grants take nothing from who owns a table');
    await sql`rollback`.execute(one);
  });
  await sql`reassign owned by secret_access to current_user`.execute(owner.kysely);
  for (const _ of ['once', 'and after an upgrade']) await sql.raw(GRANTS).execute(owner.kysely);
  const mayNot = (database: Database, statement: string) =>
    t.rejects(sql.raw(statement).execute(database.kysely), { code: '42501' }, statement);

  const { call, app } = await build(t, { env: { DATABASE_URL: as('secret_access') } });
  t.equal((await call('POST', `${DATABASE}/shares`, { principal: MARY, expiresIn: '30d' })).status, 201);
  const bulk = { items: [{ secretId: 'demo/database', principal: '222222222222' }] };
  t.equal((await call('POST', '/v1/bulk/shares', bulk)).status, 202);
  t.match((await call('GET', '/v1/audit-events/verification')).json, { intact: true, archived: 0 });
  await app.close();

  const service = await connect(as('secret_access'));
  t.teardown(() => service.close());
  for (const statement of ATTEMPTS) await mayNot(service, statement);
  const { privateKey } = generateKeyPairSync('ed25519');
  const asked = { before: new Date(Date.now() + 1_000), privateKey };
  await t.rejects(archive(service, { ...asked, file: `${t.testdir()}/a` }), FORBIDDEN);

  const archiver = await connect(as('secret_access_archive'), { as: 'tool' });
  t.teardown(() => archiver.close());
  for (const statement of [
    "update audit_chain set hash = 'f'",
    'delete from operations',
    "insert into operations (id) values ('a')",
  ])
    await mayNot(archiver, statement);
  t.ok((await archive(archiver, { ...asked, file: `${t.testdirName}/b` })).events >= 2);

  await sql`delete from kysely_migration where name = (select max(name) from kysely_migration)`.execute(owner.kysely);
  await t.rejects(connect(as('secret_access')), { code: 'audit-unavailable', message: /owner.*node bin\/migrate\.ts/ });
}
