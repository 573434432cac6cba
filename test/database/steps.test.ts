import { DatabaseSync } from 'node:sqlite';
import { Kysely, sql } from 'kysely';
import t from 'tap';
import { createFlush } from '../../src/database/engines/flush.ts';
import { nodeSqliteDialect } from '../../src/database/engines/sqlite-dialect.ts';
import { migrate, steps } from '../../src/database/migrations/index.ts';

/** The version before works on what a step made, and can be gone back to. */
type Column = { name: string; type: string; notnull: number; dflt_value: unknown; pk: number };

/** What is in the database by its names: columns of tables, and what a write is refused for. */
async function shapeOf(db: Kysely<unknown>) {
  const tables = await db.introspection.getTables();
  const columns = new Map<string, Column>();
  for (const table of tables) {
    const { rows } =
      await sql<Column>`select name, type, "notnull", dflt_value, pk from pragma_table_info(${table.name})`.execute(db);
    for (const column of rows) columns.set(`${table.name}.${column.name}`, column);
  }
  const { rows } = await sql<{ name: string; tbl_name: string; sql: string | null }>`select name, tbl_name, sql from
    sqlite_master where type = 'trigger' or (type = 'index' and sql like 'create unique%')`.execute(db);
  return { tables: tables.map(({ name }) => name), columns, refusals: rows };
}

type Shape = Awaited<ReturnType<typeof shapeOf>>;

/** What a version that knows `before` could not work with in `after`. */
function taken(before: Shape, after: Shape): string[] {
  const lost = [...before.columns].filter(
    ([name, column]) => JSON.stringify(after.columns.get(name)) !== JSON.stringify(column),
  );
  const asked = [...after.columns].filter(([name, { notnull, dflt_value }]) => {
    const isOld = before.columns.has(name) || !before.tables.includes(name.split('.')[0] ?? '');
    return !isOld && notnull === 1 && dflt_value === null;
  });
  const known = before.refusals.map(({ name, sql }) => `${name} ${sql}`);
  const refused = after.refusals.filter(
    ({ name, sql, tbl_name }) => before.tables.includes(tbl_name) && !known.includes(`${name} ${sql}`),
  );
  return [...[...lost, ...asked].map(([name]) => name), ...refused.map(({ name }) => name)];
}

const dialectOf = (file: DatabaseSync) =>
  nodeSqliteDialect(file, { patienceMs: 1_000, flush: createFlush(async () => {}), flushWithinMs: 1_000 });
const inMemory = () => new Kysely<unknown>({ dialect: dialectOf(new DatabaseSync(':memory:')) });

t.test('each step adds, and takes nothing away that the version before it needs', async (t) => {
  const db = inMemory();
  t.teardown(() => db.destroy());
  let before = await shapeOf(db);
  for (const [name, step] of Object.entries(steps)) {
    await step(db, 'sqlite');
    const after = await shapeOf(db);
    t.same(taken(before, after), [], name);
    before = after;
  }
  t.ok(before.columns.size > 80, 'there was something to hold');
  for (const contraction of CONTRACTIONS) await sql.raw(contraction).execute(db);
  t.same(taken(before, await shapeOf(db)).toSorted(), [
    ...['approvals.decision', 'approvals.problem', 'approvals_failure', 'approvals_kept'],
    ...['expiries.place', 'orphans.first_seen'],
  ]);
});

const CONTRACTIONS = [
  'alter table approvals drop column decision',
  'alter table approvals rename column problem to failure',
  'create unique index approvals_failure on approvals (failure)',
  "create trigger approvals_kept before delete on approvals begin select raise(abort, 'kept'); end",
  'alter table orphans drop column first_seen',
  'drop table expiries',
  `create table expiries (secret_arn text not null, expires_at bigint not null, place text not null,
    constraint expiries_key primary key (expires_at, secret_arn))`,
];

t.test('a version that starts while the next one migrates works beside it', async (t) => {
  const file = new DatabaseSync(':memory:');
  const db = new Kysely<unknown>({ dialect: dialectOf(file) });
  t.teardown(() => db.destroy());
  await migrate(db, 'sqlite');
  const newest = Object.keys(steps).at(-1);
  const next = `9999-tomorrow.beside-${String(Object.keys(steps).length).padStart(4, '0')}`;
  let isMigrated = false;
  const meanwhile = db.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      if (!isMigrated && result.rows.some(({ name }) => name === newest)) {
        isMigrated = true;
        file.prepare("insert into kysely_migration (name, timestamp) values (?, '2100-01-01')").run(next);
      }
      return result;
    },
  });
  await migrate(meanwhile, 'sqlite');
  t.ok(isMigrated, 'after it was looked at');
});

t.test('of a step that was cut short nothing stays, and the next start makes it', async (t) => {
  const db = inMemory();
  t.teardown(() => db.destroy());
  const [name = ''] = Object.keys(steps);
  const step = steps[name];
  steps[name] = async (...asked) => {
    await step?.(...asked);
    throw new Error('killed');
  };
  await t.rejects(migrate(db, 'sqlite'), /killed/);
  if (step !== undefined) steps[name] = step;
  await migrate(db, 'sqlite');
});
