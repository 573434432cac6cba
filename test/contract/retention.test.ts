import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { archive, verifyArchives } from '../../src/database/journal/retention.ts';
import { moveBoundary } from '../../src/database/journal/verification/boundary.ts';
import { createCheckpoints } from '../../src/database/journal/verification/checkpoints.ts';
import { verifyJournal } from '../../src/database/journal/verification/verify-journal.ts';
import { draft, outcome } from '../audit/draft.ts';
import { patientJournal } from '../audit/patient-journal.ts';
import { matchList } from '../match-list.ts';
import { onEveryDatabase } from './on-every-database.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const hour = (hours: number) => new Date(Date.UTC(2026, 0, 1, hours));

onEveryDatabase(t, async (t, { open }) => {
  await t.test('archives verify as one chain, and the rest goes on from them', async (t) => {
    const database = await open(t);
    const directory = t.testdir({});
    let now = hour(0);
    const clock = () => now;
    const journal = patientJournal({ database, clock, trust: { publicKey } });
    const onError = (error: unknown) => t.fail('checkpoint', { error });
    const checkpoints = createCheckpoints({ database, clock, privateKey, every: 1, onError });
    for (let hours = 0; hours < 12; hours++) {
      now = hour(hours);
      const changeId = `change-${hours}`;
      await journal.append([draft({ changeId }), outcome({ changeId })]);
      await checkpoints.take();
    }

    const first = join(directory, 'first.ndjson');
    const kept = await journal.list({}, { limit: 100 });
    t.match(await archive(database, { before: hour(3), file: first, privateKey }), {
      events: 6,
      last: { sequence: 6 },
    });
    t.match(await journal.verify(), { intact: true, events: 18 });
    const second = join(directory, 'second.ndjson');
    t.match(await archive(database, { before: hour(5), file: second, privateKey }), {
      events: 4,
      last: { sequence: 10 },
    });
    t.match(await journal.verify(), { intact: true, events: 14, archived: 10 });
    t.same((await journal.list({}, { limit: 100 })).items, kept.items.slice(0, 14), 'what is kept is as it was');
    t.match(await journal.append([draft({ changeId: 'new' })]), [{ sequence: 25 }], 'and the chain goes on');
    t.match(await journal.verify(), { intact: true, events: 15 });

    t.match(await verifyArchives([first, second]), { intact: true, events: 10, last: { sequence: 10 } });
    t.same(
      readFileSync(first, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
      kept.items.slice(18).reverse(),
      'an archive holds the events, oldest first',
    );
    t.match(await verifyArchives([second]), { firstBroken: { sequence: 1, reason: /number 7/ } }, 'one is missing');
    writeFileSync(first, readFileSync(first, 'utf8').replace('alice', 'mallory'));
    t.match(await verifyArchives([first, second]), { firstBroken: { sequence: 1, reason: /was changed/ } });
  });

  await t.test('an intent without an outcome stays, and so does all that came after it', async (t) => {
    const database = await open(t);
    const journal = patientJournal({ database, clock: () => hour(0) });
    await journal.append([draft({ changeId: 'a' }), outcome({ changeId: 'a' }), draft({ changeId: 'open' }), draft()]);
    const file = join(t.testdir({}), 'archive.ndjson');
    t.match(await archive(database, { before: hour(1), file }), { events: 2, last: { sequence: 2 } });
    matchList(t, await journal.unfinishedIntents(), [{ changeId: 'open' }, { changeId: 'change-1' }]);
  });

  await t.test('everything may go; the chain goes on where it was', async (t) => {
    const database = await open(t);
    const journal = patientJournal({ database, clock: () => hour(0), trust: { publicKey } });
    const [, last] = await journal.append([draft(), outcome()]);
    const directory = t.testdir({});
    t.match(await archive(database, { before: hour(1), file: join(directory, 'a.ndjson'), privateKey }), { events: 2 });
    t.match(await journal.verify(), { intact: true, events: 0, lastHash: last?.hash });
    matchList(t, await journal.append([draft()]), [{ sequence: 3, previousHash: last?.hash }]);
    t.match(
      await archive(database, { before: hour(0), file: join(directory, 'b.ndjson') }),
      { events: 0 },
      'nothing is older',
    );
  });

  await t.test('rows that a crash left behind the boundary do not count, and go with the next archive', async (t) => {
    const database = await open(t);
    const journal = patientJournal({ database, clock: () => hour(0), trust: { publicKey } });
    const [, last] = await journal.append([draft(), outcome(), draft(), outcome()]);
    await moveBoundary(database, { sequence: 2, hash: last?.hash ?? '' }, hour(0), privateKey);
    t.match(await journal.verify(), { intact: true, events: 2 });
    await archive(database, { before: hour(0), file: join(t.testdir({}), 'archive.ndjson') });
    t.same(
      (await journal.list({}, { limit: 10 })).items.map(({ sequence }) => sequence),
      [4, 3],
    );
  });

  await t.test('what was archived is known by a signature, or by the archives', async (t) => {
    const database = await open(t);
    const trust = { publicKey };
    const journal = patientJournal({ database, clock: () => hour(0) });
    await journal.append([draft(), outcome(), draft(), outcome()]);
    const file = join(t.testdir({}), 'archive.ndjson');
    const { last } = await archive(database, { before: hour(1), file });
    for (const known of [undefined, trust]) {
      const unsigned = { intact: false, archived: 4, firstBroken: { sequence: 4, reason: /nothing signed says/ } };
      t.match(await verifyJournal(database, known), unsigned);
      t.match(await verifyJournal(database, known, last), { intact: true, archived: 4, firstBroken: null });
    }
    t.match(await verifyJournal(database, trust, { ...last, hash: 'f'.repeat(64) }), { intact: false });
    await journal.append([draft(), outcome()]);
    const signs = { before: hour(1), file: `${file}.2`, privateKey };
    await t.rejects(
      archive(database, signs),
      { message: /nothing signed says/ },
      'nor is signed over what nobody knows',
    );
    const next = await archive(database, { ...signs, known: last });
    t.match(await verifyJournal(database, trust), { intact: true, events: 0, archived: 6 });
    t.match(await verifyJournal(database), { intact: false, firstBroken: { reason: /without the key/ } });
    t.match(await verifyJournal(database, undefined, next.last), { intact: true });
  });

  await t.test('the key changes: what the one before signed is believed as long as it is named', async (t) => {
    const database = await open(t);
    const newer = generateKeyPairSync('ed25519');
    const onError = (error: unknown) => t.fail('checkpoint', { error });
    const signsWith = (key: KeyObject) =>
      createCheckpoints({ database, clock: () => hour(0), privateKey: key, every: 100, onError });
    const journal = patientJournal({ database, clock: () => hour(0) });
    const directory = t.testdir({});
    await journal.append([draft(), outcome()]);
    await archive(database, { before: hour(1), file: join(directory, '1'), privateKey });
    await journal.append([draft(), outcome()]);
    await signsWith(privateKey).take();
    await journal.append([draft(), outcome()]);
    await signsWith(newer.privateKey).take();
    const both = { publicKey: newer.publicKey, older: [publicKey] };
    t.match(await verifyJournal(database, both), { intact: true, events: 4, archived: 2 });
    t.match(await verifyJournal(database, { publicKey: newer.publicKey }), { intact: false });
    t.match(await verifyJournal(database, { publicKey }), { intact: false });
    const next = { before: hour(1), file: join(directory, '2'), privateKey: newer.privateKey };
    await t.rejects(archive(database, next), { message: /not signed by the given key/ });
    t.match(await archive(database, { ...next, olderKeys: [publicKey] }), { events: 4 });
    t.match(
      await verifyJournal(database, { publicKey: newer.publicKey }),
      { intact: true, archived: 6 },
      'it signed that',
    );
    t.match(await verifyJournal(database, { publicKey }), { intact: false });
    t.match(await verifyJournal(database, both), { intact: true, archived: 6 });
  });

  await t.test('a broken chain is not archived, and nothing goes', async (t) => {
    const database = await open(t);
    const journal = patientJournal({ database, clock: () => hour(0) });
    await journal.append([draft(), outcome()]);
    await database.kysely
      .updateTable('audit_chain')
      .set({ archived_sequence: 1, archived_hash: 'f'.repeat(64) })
      .execute();
    const file = join(t.testdir({}), 'archive.ndjson');
    await t.rejects(archive(database, { before: hour(1), file }), {
      code: 'audit-unavailable',
      message: /broken at event 2/,
    });
    t.equal((await journal.list({}, { limit: 10 })).items.length, 2);
  });

  await t.test('a file that exists is not overwritten, and nothing goes', async (t) => {
    const database = await open(t);
    const journal = patientJournal({ database, clock: () => hour(0) });
    await journal.append([draft(), outcome()]);
    const file = join(t.testdir({ 'archive.ndjson': 'precious' }), 'archive.ndjson');
    await t.rejects(archive(database, { before: hour(1), file }), { code: 'EEXIST' });
    t.equal(readFileSync(file, 'utf8'), 'precious');
    t.match(await journal.verify(), { intact: true, events: 2 });
  });
});
