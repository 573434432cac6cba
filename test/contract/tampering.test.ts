import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import t, { type Test } from 'tap';
import { chainStart, openDocument, seal } from '../../src/audit/chain.ts';
import { columnsOf } from '../../src/audit/columns.ts';
import type { Database } from '../../src/database/database.ts';
import { archive } from '../../src/database/journal/retention.ts';
import { moveBoundary } from '../../src/database/journal/verification/boundary.ts';
import { createCheckpoints } from '../../src/database/journal/verification/checkpoints.ts';
import { draft } from '../audit/draft.ts';
import { patientJournal } from '../audit/patient-journal.ts';
import { createRandom } from '../faults/random.ts';
import { editOne, readTables, writeTables } from '../fuzz/database-edits.ts';
import { runs, SEED } from '../runs.ts';
import { onEveryDatabase } from './on-every-database.ts';

const clock = () => new Date();
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');

onEveryDatabase(t, async (t, { open }) => {
  /** Ten events, signed after the fifth and the tenth; the triggers are gone, as an administrator could have it. */
  const victim = async (t: Test) => {
    const database = await open(t);
    const file = join(t.testdir({}), 'checkpoints.ndjson');
    const onError = (error: unknown) => t.fail('checkpoint', { error });
    const checkpoints = createCheckpoints({ database, clock, privateKey, file, every: 5, onError });
    const journal = patientJournal({ database, clock });
    const trusting = patientJournal({ database, clock, trust: { publicKey, file } });
    for (const numbers of [
      [1, 2, 3, 4, 5],
      [6, 7, 8, 9, 10],
    ]) {
      await journal.append(numbers.map((number) => draft({ changeId: `change-${number}` })));
      await checkpoints.take();
    }
    t.match(await trusting.verify(), { intact: true, events: 10, firstBroken: null }, 'whole before');
    await dropGuards(database);
    const run = (...statements: string[]) =>
      statements.reduce(
        (before, text) => before.then(() => sql.raw(text).execute(database.kysely)),
        Promise.resolve({}),
      );
    return { database, file, journal, trusting, checkpoints, run };
  };

  await t.test('a changed event is found', async (t) => {
    const { journal, run } = await victim(t);
    await run(`update audit_events set document = replace(document, 'alice', 'mallory') where sequence = 4`);
    t.match(await journal.verify(), { intact: false, events: 3, firstBroken: { sequence: 4, reason: /was changed/ } });
  });

  for (const column of ['actor', 'action', 'outcome', 'secret_arn', 'secret_name', 'change_id', 'id'] as const) {
    await t.test(`a changed column ${column}, which hides the event from a filter, is found`, async (t) => {
      const { journal, run } = await victim(t);
      await run(`update audit_events set ${column} = 'other' where sequence = 7`);
      t.match(await journal.verify(), { firstBroken: { sequence: 7, reason: new RegExp(column) } });
    });
  }

  await t.test('events that are gone without an archive are found', async (t) => {
    const { database, journal, trusting, checkpoints, run } = await victim(t);
    const refound = { intact: false, firstBroken: { sequence: 10, reason: /nothing signed says/ } };
    await run(`update audit_chain set archived_sequence = sequence, archived_hash = hash`, `delete from audit_events`);
    t.match(await journal.verify(), refound);
    t.match(await trusting.verify(), refound);
    await checkpoints.take();
    t.match(await trusting.verify(), refound, 'a checkpoint says something else');
    await run(`insert into audit_boundaries select * from audit_checkpoints where sequence = 10`);
    t.match(await trusting.verify(), { intact: false, firstBroken: { reason: /not signed by the given key/ } });
    t.match(await journal.verify(), { intact: false });
    await run(`delete from audit_boundaries`);
    const end = { sequence: 10, hash: (await journal.verify()).lastHash };
    await moveBoundary(database, end, clock(), stranger.privateKey);
    t.match(await trusting.verify(), { intact: false, firstBroken: { reason: /not signed by the given key/ } });
    await run(`delete from audit_boundaries`);
    await moveBoundary(database, end, clock(), privateKey);
    t.match(await trusting.verify(), { intact: true, events: 0, archived: 10 }, 'as an archive would have signed it');
  });

  await t.test('a deleted event is found', async (t) => {
    const { journal, run } = await victim(t);
    await run(`delete from audit_events where sequence = 6`);
    t.match(await journal.verify(), { firstBroken: { sequence: 6, reason: /missing.*7/ } });
  });

  await t.test('a deleted first event is found', async (t) => {
    const { journal, run } = await victim(t);
    await run(`delete from audit_events where sequence = 1`);
    t.match(await journal.verify(), { events: 0, firstBroken: { sequence: 1, reason: /missing/ } });
  });

  await t.test('two events that changed places are found', async (t) => {
    const { journal, run } = await victim(t);
    await run(
      `update audit_events set sequence = 100 where sequence = 3`,
      `update audit_events set sequence = 3 where sequence = 4`,
      `update audit_events set sequence = 4 where sequence = 100`,
    );
    t.match(await journal.verify(), { firstBroken: { sequence: 3, reason: /number 4 is in its place/ } });
  });

  await t.test('an event put in behind the end is found', async (t) => {
    const { database, journal } = await victim(t);
    const last = await database.kysely.selectFrom('audit_chain').select(['sequence', 'hash']).executeTakeFirstOrThrow();
    const { event, document } = seal(draft(), last, clock());
    await database.kysely
      .insertInto('audit_events')
      .values({ ...columnsOf(event), hash: event.hash, document })
      .execute();
    t.match(await journal.verify(), { firstBroken: { sequence: 11, reason: /not of the chain/ } });
  });

  await t.test('a tail that was cut is found by the recorded end', async (t) => {
    const { journal, run } = await victim(t);
    await run(`delete from audit_events where sequence > 7`);
    t.match(await journal.verify(), { events: 7, firstBroken: { sequence: 8, reason: /missing.*10/ } });
  });

  await t.test('a tail that was cut together with the recorded end is found by a checkpoint', async (t) => {
    const { journal, trusting, run } = await victim(t);
    await run(
      `delete from audit_events where sequence > 7`,
      `update audit_chain set sequence = 7, hash = (select hash from audit_events where sequence = 7)`,
    );
    t.match(await journal.verify(), { intact: true, events: 7 }, 'without a key it looks whole');
    t.match(await trusting.verify(), { events: 7, firstBroken: { sequence: 8, reason: /checkpoint.*10/ } });
  });

  await t.test('it is found by the file when the checkpoints were cut as well', async (t) => {
    const { trusting, run } = await victim(t);
    await run(
      `delete from audit_events where sequence > 7`,
      `delete from audit_checkpoints where sequence > 7`,
      `update audit_chain set sequence = 7, hash = (select hash from audit_events where sequence = 7)`,
    );
    t.match(await trusting.verify(), { firstBroken: { sequence: 8, reason: /checkpoint.*10/ } });
  });

  await t.test('a chain rewritten from an event on is found by the next checkpoint', async (t) => {
    const { database, journal, trusting, run } = await victim(t);
    await rewriteFrom(database, 7);
    t.match(await journal.verify(), { intact: true, events: 10 }, 'without a key it looks whole');
    t.match(await trusting.verify(), { events: 9, firstBroken: { sequence: 10, reason: /rewritten/ } });
    await run(`delete from audit_checkpoints`);
    t.match(await trusting.verify(), { firstBroken: { sequence: 10, reason: /rewritten/ } }, 'by the file alone');
  });

  await t.test('a chain rewritten as a whole is found by the first checkpoint', async (t) => {
    const { database, trusting } = await victim(t);
    await rewriteFrom(database, 1);
    t.match(await trusting.verify(), { events: 4, firstBroken: { sequence: 5, reason: /rewritten/ } });
  });

  await t.test('a checkpoint signed by another key does not help', async (t) => {
    const { database, file, trusting, run } = await victim(t);
    await rewriteFrom(database, 7);
    await run(`delete from audit_checkpoints where sequence = 10`);
    writeFileSync(file, readFileSync(file, 'utf8').split('\n').slice(0, 1).join('\n'));
    const onError = (error: unknown) => t.fail('checkpoint', { error });
    await createCheckpoints({ database, clock, privateKey: stranger.privateKey, every: 5, onError }).take();
    t.match(await trusting.verify(), { firstBroken: { sequence: 10, reason: /not signed by the given key/ } });
  });

  await t.test('a file of checkpoints that is gone is not taken for one that was never written', async (t) => {
    const { file, trusting } = await victim(t);
    rmSync(file);
    await t.rejects(trusting.verify(), { cause: { code: 'ENOENT' } });
    const fresh = patientJournal({ database: await open(t), clock, trust: { publicKey, file } });
    t.match(await fresh.verify(), { intact: true, events: 0 }, 'before the first checkpoint there is none');
  });

  const EDITS = runs(20, 100, 500);
  await t.test(`${EDITS} random edits: each is found, or says nothing else`, async (t) => {
    const database = await open(t);
    const directory = t.testdir({});
    const file = join(directory, 'checkpoints.ndjson');
    const onError = (error: unknown) => t.fail('checkpoint', { error });
    const checkpoints = createCheckpoints({ database, clock, privateKey, file, every: 5, onError });
    const journal = patientJournal({ database, clock, trust: { publicKey, file } });
    const append = async (...numbers: number[]) => {
      for (const number of numbers) await journal.append([draft({ changeId: `change-${number}`, phase: 'outcome' })]);
      await checkpoints.take();
    };
    for (const archived of [1, 2]) {
      await append(archived * 2, archived * 2 + 1);
      const before = new Date(Date.now() + 1_000);
      await archive(database, { before, file: join(directory, `${archived}.ndjson`), privateKey });
    }
    await append(6, 7, 8);
    await append(9, 10, 11, 12);
    await dropGuards(database);

    const on = database.kysely as Kysely<unknown>;
    /** All that is read of it, in every way. */
    const served = async () => {
      const { items } = await journal.list({}, { limit: 100 });
      const found = await Promise.all(items.map(({ id }) => journal.find(id)));
      const ofChanges = await Promise.all(items.map(({ changeId }) => journal.eventsOfChange(changeId)));
      return JSON.stringify([items, found, ofChanges]);
    };
    const whole = { ...(await journal.verify()) };
    t.match(whole, { intact: true, events: 7, archived: 4 });
    const said = await served();
    const tables = await readTables(on, ['audit_events', 'audit_chain', 'audit_checkpoints', 'audit_boundaries']);
    const editing = {
      random: createRandom(SEED),
      keys: {
        audit_events: ['sequence'],
        audit_chain: ['id'],
        audit_checkpoints: ['sequence'],
        audit_boundaries: ['sequence'],
      },
      pool: ['share', 'mallory', 'failed', '', {}, [], 3, 4, 5, true],
    };
    const seen = { found: 0, refused: 0, nothing: 0 };
    for (let edit = 0; edit < EDITS; edit += 1) {
      const { table, rows, what } = editOne(editing, tables);
      if (!(await writeTables(on, { [table]: rows }))) {
        seen.refused += 1;
        continue;
      }
      const verified = await journal.verify().catch(() => ({ intact: false }));
      if (!verified.intact) seen.found += 1;
      else {
        seen.nothing += 1;
        t.same(verified, whole, what);
        t.equal(await served().catch(String), said, what);
      }
      if (!(await writeTables(on, tables))) throw new Error('It can’t be undone.');
    }
    t.comment(JSON.stringify(seen));
    t.ok(seen.found > 0, 'some are found');
    t.match(await journal.verify(), whole, 'all was undone');
  });

  await t.test('an event put in before what was archived is found', async (t) => {
    const { database, file: checkpoints, trusting, run } = await victim(t);
    const file = `${checkpoints}.archive`;
    const [first] = await database.kysely.selectFrom('audit_events').selectAll().where('sequence', '=', 1).execute();
    if (first === undefined) throw new Error('There is no event.');
    const put = (sequence: number) =>
      database.kysely
        .insertInto('audit_events')
        .values({ ...first, id: `put-${sequence}`, sequence })
        .execute();
    await put(0);
    t.match(await trusting.verify(), { firstBroken: { sequence: 0 } }, 'before the first');
    await run('delete from audit_events where sequence = 0', 'delete from open_intents');
    await archive(database, { before: new Date(Date.now() + 1_000), file, privateKey });
    t.match(await trusting.verify(), { intact: true, archived: 10 });
    await put(4);
    t.match(await trusting.verify(), { intact: false, firstBroken: { sequence: 4 } });
  });

  await t.test('a forged end is found, before the next append builds on it', async (t) => {
    const { journal, run } = await victim(t);
    await run(`update audit_chain set hash = '${'f'.repeat(64)}'`);
    t.match(await journal.verify(), { firstBroken: { sequence: 10, reason: /end of the chain/ } });
  });
});

const dropGuards = async ({ kysely, kind }: Database) => {
  if (kind === 'postgres') {
    for (const table of ['audit_events', 'audit_chain', 'audit_checkpoints', 'audit_boundaries']) {
      await sql`alter table ${sql.table(table)} disable trigger user`.execute(kysely);
    }
    return;
  }
  const { rows } = await sql<{ name: string }>`select name from sqlite_master where type = 'trigger'`.execute(kysely);
  for (const { name } of rows) await sql`drop trigger ${sql.id(name)}`.execute(kysely);
};

/** What somebody would do who owns the database: changes an event and gives all later ones hashes that fit. */
const rewriteFrom = async ({ kysely }: Database, first: number) => {
  const rows = await kysely.selectFrom('audit_events').selectAll().orderBy('sequence').execute();
  let head = chainStart;
  for (const row of rows) {
    if (row.sequence < first) {
      head = { sequence: row.sequence, hash: row.hash };
      continue;
    }
    const {
      id: _id,
      sequence: _sequence,
      time,
      previousHash: _previous,
      hash: _hash,
      ...content
    } = openDocument(row.document, row.hash);
    const forged = seal({ ...content, reason: 'nothing to see here' }, head, new Date(time));
    head = { sequence: forged.event.sequence, hash: forged.event.hash };
    await kysely
      .updateTable('audit_events')
      .set({ ...columnsOf(forged.event), hash: forged.event.hash, document: forged.document })
      .where('sequence', '=', row.sequence)
      .execute();
  }
  await kysely.updateTable('audit_chain').set(head).execute();
};
