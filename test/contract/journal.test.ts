import { sql } from 'kysely';
import t from 'tap';
import type { AuditEvent } from '../../src/audit/event.ts';
import { DomainError } from '../../src/problems/problem.ts';
import { draft, outcome, secretNamed } from '../audit/draft.ts';
import { canonicalJsonHash } from '../audit/independent-hash.ts';
import { patientJournal } from '../audit/patient-journal.ts';
import { matchList } from '../match-list.ts';
import { onEveryDatabase } from './on-every-database.ts';

const clock = () => new Date();
const policyTo = (name: string) => ({ before: null, after: null, beforeHash: name, afterHash: name });

onEveryDatabase(t, async (t, { open }) => {
  await t.test('an append gives each event its id, number, time and place in the chain', async (t) => {
    const time = new Date('2026-01-02T03:04:05.678Z');
    const seen: AuditEvent[] = [];
    const journal = patientJournal({
      database: await open(t),
      clock: () => time,
      onEvent: (event) => seen.push(event),
    });
    const [first, second] = await journal.append([draft(), draft({ changeId: 'change-2' })]);
    const [third] = await journal.append([outcome()]);
    t.match(first, { sequence: 1, time: '2026-01-02T03:04:05.678Z', previousHash: '0'.repeat(64), ...draft() });
    t.match(second, { sequence: 2, previousHash: first?.hash, changeId: 'change-2' });
    t.match(third, { sequence: 3, previousHash: second?.hash, outcome: 'applied' });
    t.match(first?.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    t.equal(Number.parseInt(String(first?.id).replaceAll('-', '').slice(0, 12), 16), time.getTime());
    t.same(seen, [first, second, third], 'told after the commit, in order');
    for (const event of seen) t.equal(event.hash, canonicalJsonHash(event), 'SHA-256 of the canonical JSON');
    t.same(await journal.find(String(second?.id)), second, 'what is read is what was appended');
    t.equal(await journal.find('no such id'), null);
    t.same(await journal.append([]), []);
  });

  await t.test('appends at the same time share transactions and leave no gap', async (t) => {
    const journal = patientJournal({ database: await open(t), clock });
    const appended = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        journal.append([draft({ changeId: `c${index}` }), draft({ changeId: `c${index}`, action: 'createGrant' })]),
      ),
    );
    t.same(
      appended.flat().map(({ sequence }) => sequence),
      Array.from({ length: 600 }, (_, index) => index + 1),
      'each call’s events stay together, in the order of the calls',
    );
    t.match(await journal.verify(), { intact: true, events: 600, firstBroken: null });
  });

  await t.test('a draft that cannot be recorded fails alone, and takes no number', async (t) => {
    const journal = patientJournal({ database: await open(t), clock });
    const [good, half, nul, last] = await Promise.allSettled([
      journal.append([draft()]),
      journal.append([draft(), draft({ reason: 'half a pair \ud800' })]),
      journal.append([draft({ secret: { ...secretNamed('x'), name: 'nul \0' } })]),
      journal.append([draft({ reason: 'NUL \0, quotes " and an emoji 😀 are fine' })]),
    ]);
    t.match(good, { status: 'fulfilled' });
    t.match(half, { status: 'rejected', reason: { code: 'validation-failed' } });
    t.match(nul, { status: 'rejected', reason: { code: 'validation-failed' } });
    t.match(last, { status: 'fulfilled', value: [{ sequence: 2 }] });
    t.match(await journal.verify(), { intact: true, events: 2 });
  });

  await t.test('every filter narrows, alone and with others; pages join without a gap', async (t) => {
    let minute = 0;
    const journal = patientJournal({ database: await open(t), clock: () => new Date(Date.UTC(2026, 0, 1, 0, minute)) });
    for (; minute < 60; minute++) {
      const change = {
        changeId: `change-${Math.floor(minute / 2)}`,
        secret: secretNamed(minute % 3 === 0 ? 'prod/db' : 'prod/api'),
        actor: { subject: minute % 5 === 0 ? 'bob' : 'alice', issuer: null, method: 'jwt' as const },
        action: minute % 4 < 2 ? ('share' as const) : ('deny' as const),
      };
      await journal.append([minute % 2 === 0 ? draft(change) : outcome({ ...change, outcome: 'failed' })]);
    }
    const sequences = async (filter: Parameters<typeof journal.list>[0], limit = 100) => {
      const found: number[] = [];
      let page = await journal.list(filter, { limit });
      found.push(...page.items.map(({ sequence }) => sequence));
      while (page.nextCursor !== null) {
        page = await journal.list(filter, { limit, cursor: page.nextCursor });
        found.push(...page.items.map(({ sequence }) => sequence));
      }
      return found;
    };
    const expected = (passes: (minute: number) => boolean) =>
      Array.from({ length: 60 }, (_, index) => index)
        .filter(passes)
        .map((index) => index + 1)
        .reverse();

    t.same(
      await sequences({}, 7),
      expected(() => true),
      'newest first, over nine pages',
    );
    t.same(
      await sequences({}, 60),
      expected(() => true),
      'a last page that is full has no next',
    );
    t.same(
      await sequences({ secret: 'prod/db' }, 4),
      expected((m) => m % 3 === 0),
      'a name',
    );
    t.same(
      await sequences({ secret: secretNamed('prod/db').arn ?? '' }),
      expected((m) => m % 3 === 0),
      'an ARN',
    );
    t.same(await sequences({ secret: 'prod' }), [], 'a name is not a prefix');
    t.same(
      await sequences({ actor: 'bob' }),
      expected((m) => m % 5 === 0),
    );
    t.same(
      await sequences({ action: 'deny' }, 3),
      expected((m) => m % 4 >= 2),
    );
    t.same(
      await sequences({ outcome: 'failed' }),
      expected((m) => m % 2 === 1),
    );
    t.same(await sequences({ changeId: 'change-4' }), [10, 9]);
    const times = { from: new Date(Date.UTC(2026, 0, 1, 0, 10)), to: new Date(Date.UTC(2026, 0, 1, 0, 20)) };
    t.same(
      await sequences(times, 2),
      expected((m) => m >= 10 && m <= 20),
      'both ends belong to it',
    );
    t.same(
      await sequences({ secret: 'prod/api', action: 'share', outcome: 'failed', actor: 'alice', ...times }, 1),
      expected((m) => m % 3 !== 0 && m % 4 < 2 && m % 2 === 1 && m % 5 !== 0 && m >= 10 && m <= 20),
      'all at once',
    );
    const streamed: number[] = [];
    for await (const { sequence } of journal.stream({ secret: 'prod/db' })) streamed.push(sequence);
    t.same(
      streamed,
      expected((m) => m % 3 === 0),
      'a stream gives the same',
    );
    for (const cursor of [
      '',
      'x',
      Buffer.from('1.2.3').toString('base64url'),
      Buffer.from("1.'").toString('base64url'),
    ]) {
      await t.rejects(journal.list({}, { limit: 1, cursor }), { code: 'validation-failed' }, `cursor ${cursor}`);
    }
  });

  await t.test('a page has a megabyte of events at most, and one at least', async (t) => {
    const journal = patientJournal({ database: await open(t), clock });
    const request = (size: number) => draft({ request: { text: 'ä'.repeat(size / 2) } });
    await journal.append(Array.from({ length: 30 }, () => request(100_000)));
    await journal.append([request(3_000_000)]);
    const sizes: number[] = [];
    for (let cursor: string | undefined, more = true; more; ) {
      const page = await journal.list({}, { limit: 1_000, cursor });
      sizes.push(page.items.length);
      cursor = page.nextCursor ?? undefined;
      more = cursor !== undefined;
    }
    t.strictSame(sizes, [1, 10, 10, 10]);
    let streamed = 0;
    for await (const _ of journal.stream({})) streamed += 1;
    t.equal(streamed, 31);
  });

  await t.test('one page looks through so many events only, however few pass', async (t) => {
    const database = await open(t);
    const journal = patientJournal({ database, clock });
    // Some at a time: a statement may take so long only.
    for (let from = 1; from < 50_500; from += 5_050) {
      const rows = sql`with recursive numbers(n) as (select ${sql.lit(from)} union all select n + 1 from numbers where n < ${sql.lit(from + 5_049)})
        insert into audit_events (sequence, id, time_ms, change_id, actor, action, outcome, secret_name, hash, document)
        select n, 'id-' || n, n, 'c', 'alice', case when n = 1 then 'prune' else 'share' end, 'applied', 'prod/db', 'h', '{}'
        from numbers`;
      await rows.execute(database.kysely);
    }
    const first = await journal.list({ action: 'prune', outcome: 'applied' }, { limit: 10 });
    t.match(first, { items: [], nextCursor: String }, 'not yet found');
    const second = await journal.list(
      { action: 'prune', outcome: 'applied' },
      { limit: 10, cursor: first.nextCursor ?? '' },
    );
    t.equal(second.items.length, 1);
    t.equal(second.nextCursor, null);
  });

  await t.test('a change stands by its last outcome; intents and outcomes are told apart', async (t) => {
    const journal = patientJournal({ database: await open(t), clock });
    const outcome = { phase: 'outcome', outcome: 'applied' } as const;
    await journal.append([
      draft({ changeId: 'a' }),
      draft({ changeId: 'a', ...outcome, outcome: 'failed' }),
      draft({ changeId: 'a', ...outcome }),
      draft({ changeId: 'a', ...outcome, action: 'createGrant' }),
      draft({ changeId: 'b', ...outcome, action: 'requestApproval' }),
      draft({ changeId: 'b', ...outcome, action: 'approve', outcome: 'refused' }),
      draft({ changeId: 'c' }),
    ]);
    t.strictSame(await journal.lastOf(['a', 'b', 'c', 'none']), new Set([3, 5]));
    t.strictSame(await journal.lastOf([]), new Set());
    const sequences = async (phase: 'intent' | 'outcome') =>
      (await journal.list({ phase }, { limit: 10 })).items.map(({ sequence }) => sequence);
    t.strictSame(await sequences('intent'), [7, 1]);
    t.strictSame(await sequences('outcome'), [6, 5, 4, 3, 2]);
  });

  await t.test('the applied changes of a secret are read some at a time, newest first', async (t) => {
    const journal = patientJournal({ database: await open(t), clock });
    const arn = secretNamed('prod/db').arn ?? '';
    t.equal(await journal.lastOutcome(arn), 0);
    await journal.append([draft(), ...Array.from({ length: 12 }, () => outcome()), outcome({ outcome: 'failed' })]);
    t.equal(await journal.lastOutcome(arn), 14);
    const first = await journal.appliedTo(arn, Number.MAX_SAFE_INTEGER);
    t.strictSame(
      first.map(({ sequence }) => sequence),
      [13, 12, 11, 10, 9, 8, 7, 6, 5, 4],
    );
    const second = await journal.appliedTo(arn, 4);
    t.strictSame(
      second.map(({ sequence }) => sequence),
      [3, 2],
    );
    t.strictSame(await journal.appliedTo('another', Number.MAX_SAFE_INTEGER), []);
  });

  await t.test('an intent is unfinished until the outcome of its change and action', async (t) => {
    const journal = patientJournal({ database: await open(t), clock: () => new Date('2026-01-01T00:00:00Z') });
    await journal.append([
      draft({ changeId: 'a' }),
      draft({ changeId: 'a', action: 'createGrant' }),
      draft({ changeId: 'b' }),
      draft({ changeId: 'c' }),
    ]);
    const openNow = async () =>
      (await journal.unfinishedIntents()).map(({ changeId, action }) => `${changeId} ${action}`);
    t.same(await openNow(), ['a share', 'a createGrant', 'b share', 'c share'], 'oldest first');
    matchList(t, await journal.openIntents(secretNamed('prod/db').arn ?? ''), [
      { changeId: 'a' },
      {},
      {},
      { changeId: 'c' },
    ]);
    t.same(await journal.openIntents('another'), []);
    await journal.append([outcome({ changeId: 'a' }), outcome({ changeId: 'b', outcome: 'unknown' })]);
    t.same(await openNow(), ['a createGrant', 'c share']);
    await journal.append([outcome({ changeId: 'a' }), outcome({ changeId: 'never begun' })]);
    t.same(await openNow(), ['a createGrant', 'c share'], 'an outcome without an intent closes nothing');
    await journal.append([draft({ changeId: 'c' })]);
    await journal.append([outcome({ changeId: 'c' }), outcome({ changeId: 'c' })]);
    t.same(await openNow(), ['a createGrant'], 'two intents need two outcomes');
    t.same(
      (await journal.eventsOfChange('b')).map(({ phase, outcome }) => [phase, outcome]),
      [
        ['intent', null],
        ['outcome', 'unknown'],
      ],
      'a change reads intent first',
    );
  });

  await t.test('of a batch whose intents another replica has ended, nothing is taken for what stands', async (t) => {
    const journal = patientJournal({ database: await open(t), clock });
    const [made, so] = [
      outcome({ policy: policyTo('ours') }),
      outcome({ changeId: 'so', outcome: 'unchanged', policy: policyTo('ours') }),
    ];
    await journal.append([draft({ policy: policyTo('ours') })]);
    t.match(await journal.settle([made, so], new Set([made.changeId])), [
      { outcome: 'applied' },
      { outcome: 'unchanged' },
    ]);

    await journal.append([draft({ policy: policyTo('ours') }), outcome({ policy: policyTo('ours') })]);
    const theirs = { changeId: 'theirs', policy: policyTo('theirs') };
    await journal.append([draft(theirs), outcome(theirs)]);
    t.same(await journal.settle([made, so], new Set([made.changeId])), []);
    t.match(await journal.lastPolicy(String(made.secret.arn)), { hashes: ['theirs'] });
  });

  await t.test('what another replica recorded in between is not recorded on what stood before it', async (t) => {
    const journal = patientJournal({ database: await open(t), clock });
    const arn = secretNamed('prod/db').arn ?? '';
    const drift = (changeId: string) => outcome({ changeId, action: 'drift', policy: policyTo('theirs') });
    await journal.append([outcome({ changeId: 'ours', policy: policyTo('ours') })]);
    await journal.append([outcome({ changeId: 'elsewhere', secret: secretNamed('other') })]);
    const known = (await journal.lastPolicy(arn))?.upTo;
    t.equal((await journal.append([drift('once')], known)).length, 1);
    t.same(await journal.append([drift('twice')], known), []);
    t.same(await journal.eventsOfChange('twice'), []);
    await journal.append([draft({ changeId: 'open', policy: policyTo('open') })]);
    const since = (await journal.lastPolicy(arn))?.upTo;
    await journal.append([outcome({ changeId: 'open', policy: policyTo('open') })]);
    const [overtaken, other] = await Promise.all([
      journal.append([drift('overtaken')], since),
      journal.append([outcome({ changeId: 'other', secret: secretNamed('other') })], 1),
    ]);
    t.same([overtaken, other], [[], []]);
    t.ok((await journal.verify()).intact);
  });

  await t.test('the last policy is that of the last change; both where its outcome is not known', async (t) => {
    const journal = patientJournal({ database: await open(t), clock });
    const transition = (from: string, to: string) => ({
      policy: { before: null, after: { Statement: [], Id: to }, beforeHash: from, afterHash: to },
    });
    const arn = secretNamed('prod/db').arn ?? '';
    t.equal(await journal.lastPolicy(arn), null);
    await journal.append([outcome({ outcome: 'refused', changeId: '0', ...transition('', 'refused') })]);
    t.equal(await journal.lastPolicy(arn), null);
    await journal.append([outcome({ changeId: '1', ...transition('', 'A') })]);
    await journal.append([outcome({ changeId: '2', secret: secretNamed('other'), ...transition('', 'X') })]);
    await journal.append([outcome({ changeId: '3', outcome: 'failed', ...transition('A', 'B') })]);
    t.match(await journal.lastPolicy(arn), { document: { Id: 'A' }, hashes: ['A'] });
    await journal.append([draft({ changeId: '4', ...transition('A', 'C') })]);
    const during = await journal.lastPolicy(arn);
    t.same(during?.hashes.toSorted(), ['A', 'C'], 'an intent without an outcome');
    t.equal(during?.open, true);
    await journal.append([outcome({ changeId: '4', outcome: 'unknown', ...transition('A', 'C') })]);
    t.match(await journal.lastPolicy(arn), { hashes: ['C', 'A'], open: false }, 'an unknown outcome');
    const many = Array.from({ length: 25 }, () =>
      outcome({ changeId: '5', outcome: 'failed', ...transition('C', 'D') }),
    );
    await journal.append(many);
    t.same((await journal.lastPolicy(arn))?.hashes.toSorted(), ['A', 'C'], 'behind more failures than one read takes');
    await journal.append([outcome({ changeId: '6', outcome: 'unchanged', ...transition('E', 'E') })]);
    t.match(await journal.lastPolicy(arn), { document: { Id: 'E' }, hashes: ['E'] });
  });

  await t.test('the database itself refuses to change or delete what was appended', async (t) => {
    const database = await open(t);
    const journal = patientJournal({ database, clock });
    await journal.append([draft(), outcome()]);
    const others = 'time_ms, change_id, actor, action, outcome, secret_arn, secret_name, hash, document';
    const columns = `sequence, id, ${others}`;
    for (const statement of [
      `update audit_events set actor = 'mallory' where sequence = 1`,
      `delete from audit_events where sequence = 2`,
      `delete from audit_events`,
      `update audit_chain set sequence = 1`,
      `update audit_chain set archived_sequence = 3`,
      `delete from audit_chain`,
      ...(database.kind === 'postgres'
        ? [`truncate audit_events`, `truncate audit_chain`]
        : [
            `insert or replace into audit_events (${columns}) select 1, 'new', ${others} from audit_events where sequence = 2`,
            `replace into audit_events (${columns}) select 3, id, ${others} from audit_events where sequence = 2`,
          ]),
    ]) {
      await t.rejects(sql.raw(statement).execute(database.kysely), /append-only|only moves forward/, statement);
    }
    t.match(await journal.verify(), { intact: true, events: 2 });
  });

  await t.test('a database that is closed gives audit-unavailable, from every method', async (t) => {
    const database = await open(t);
    const journal = patientJournal({ database, clock });
    await database.close();
    database.close = async () => {};
    for (const call of [
      () => journal.append([draft()]),
      () => journal.list({}, { limit: 1 }),
      () => journal.find('x'),
      () => journal.eventsOfChange('x'),
      () => journal.unfinishedIntents(),
      () => journal.lastPolicy('x'),
      () => journal.verify(),
      () => database.ping(),
    ]) {
      const error = await call().catch((error) => error);
      t.ok(error instanceof DomainError && error.facts.cause instanceof Error, 'a DomainError with its cause');
      t.equal(error.code, 'audit-unavailable');
    }
  });
});
