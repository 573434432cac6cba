import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import t from 'tap';
import { createSecretLock } from '../../src/database/lock/index.ts';
import { gate } from '../wait.ts';
import { onEveryDatabase } from './on-every-database.ts';

/** Milliseconds that no busy machine takes. */
const PATIENCE = 600_000;
const arn = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db-AbCdEf';
const other = `${arn}2`;
/** Milliseconds. Long enough for a busy machine to get a lock that is free. */
const LIMIT = 1_500;

onEveryDatabase(t, async (t, { kind, open, freshUrl }) => {
  await t.test('one holder per secret, in the order of asking; other secrets go on', async (t) => {
    const lock = createSecretLock(await open(t));
    const log: string[] = [];
    const elsewhere = Promise.withResolvers<void>();
    const work = (name: string) => async () => {
      log.push(`${name} begins`);
      if (name === 'elsewhere') elsewhere.resolve();
      // The first holder stays until another secret's is there too.
      await (name === 'a' ? elsewhere.promise : sleep(20));
      log.push(`${name} ends`);
      return name;
    };
    const results = await Promise.all([
      lock.withLock(arn, work('a')),
      lock.withLock(arn, work('b')),
      lock.withLock(other, work('elsewhere')),
      lock.withLock(arn, work('c')),
    ]);
    t.same(results, ['a', 'b', 'elsewhere', 'c']);
    t.same(
      log.filter((line) => !line.startsWith('elsewhere')),
      ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'],
    );
    t.ok(log.indexOf('elsewhere begins') < log.indexOf('b begins'), 'another secret does not wait');
  });

  await t.test('work that fails frees the lock, and its error comes through as it is', async (t) => {
    const lock = createSecretLock(await open(t));
    const error = new Error('AWS said no');
    await t.rejects(
      lock.withLock(arn, async () => {
        throw error;
      }),
      error,
    );
    t.equal(await lock.withLock(arn, async () => 'free'), 'free');
  });

  await t.test('who waits longer than the limit is told so, and does not get the lock later', async (t) => {
    const lock = createSecretLock(await open(t), { timeoutMs: LIMIT });
    let late = false;
    const refused = gate();
    const holder = lock.withLock(arn, () => refused.passed);
    await t.rejects(
      lock.withLock(arn, async () => {
        late = true;
      }),
      { code: 'overloaded', facts: { retryAfter: 1 } },
    );
    refused.open();
    await holder;
    t.equal(await lock.withLock(arn, async () => 'free'), 'free');
    t.notOk(late);
  });

  if (kind === 'sqlite') {
    await t.test('a second service process on one file is refused, a tool is not', async (t) => {
      const url = await freshUrl();
      const first = await open(t, { url });
      await t.rejects(open(t, { url }), { code: 'audit-unavailable', message: /in use by another process/ });
      const tool = await open(t, { url, as: 'tool' });
      await tool.ping();
      await first.close();
      first.close = async () => {};
      await (await open(t, { url })).ping();
      t.pass('free again after the close');
    });
    return;
  }

  await t.test('replicas exclude each other: no update of a shared value is lost', async (t) => {
    const url = await freshUrl();
    const replicas = await Promise.all([1, 2, 3].map(() => open(t, { url })));
    const locks = replicas.map((replica) => createSecretLock(replica));
    let value = 0;
    let holders = 0;
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        locks[index % 3]?.withLock(arn, async (held) => {
          t.equal(++holders, 1);
          const read = value;
          await sleep(2);
          await held.confirm();
          value = read + 1;
          holders--;
        }),
      ),
    );
    t.equal(value, 60);
  });

  await t.test('a secret’s lock has the number that it had for replicas of the versions before', async (t) => {
    const database = await open(t);
    await createSecretLock(database).withLock(arn, async () => {
      const held = sql`select from pg_locks where locktype = 'advisory' and granted
        and ((classid::bigint << 32) | objid::bigint) = -6448556040647871481`;
      t.equal((await held.execute(database.kysely)).rows.length, 1);
    });
  });

  await t.test('more secrets at once than there are lock connections wait their turn', async (t) => {
    const lock = createSecretLock(await open(t, { lockPoolSize: 2, timeoutMs: PATIENCE }), { timeoutMs: PATIENCE });
    const done = await Promise.all(
      Array.from({ length: 12 }, (_, index) => lock.withLock(`${arn}${index}`, () => sleep(5, index))),
    );
    t.equal(done.length, 12);
  });

  await t.test('secrets whose locks are kept leave connections to those of other accounts and Regions', async (t) => {
    const lock = createSecretLock(await open(t, { lockPoolSize: 8, timeoutMs: PATIENCE }), { timeoutMs: PATIENCE });
    const left = gate();
    const begun: string[] = [];
    const hold = (place: string, count: number) =>
      Array.from({ length: count }, (_, index) => {
        const there = gate();
        const done = lock.withLock(`arn:aws:secretsmanager:${place}:secret:prod/${index}-AbCdEf`, () => {
          begun.push(place);
          there.open();
          return left.passed;
        });
        return { there: there.passed, done };
      });
    const [slow, other, elsewhere] = ['eu-west-1:111111111111', 'eu-west-1:222222222222', 'us-east-1:111111111111'];
    // Of eight, half for an account of a Region, and six for a Region.
    const ofOne = hold(slow, 6);
    await Promise.all(ofOne.slice(0, 4).map(({ there }) => there));
    const ofAnother = hold(other, 3);
    await Promise.all(ofAnother.slice(0, 2).map(({ there }) => there));
    const last = hold(elsewhere, 1);
    await last[0]?.there;
    t.same(begun, [slow, slow, slow, slow, other, other, elsewhere]);
    left.open();
    await Promise.all([...ofOne, ...ofAnother, ...last].map(({ done }) => done));
    t.equal(begun.length, 10);
  });

  await t.test('an incident does not wait for all the denials before it, nor do those for all of it', async (t) => {
    const lock = createSecretLock(await open(t, { lockPoolSize: 2, timeoutMs: PATIENCE }), { timeoutMs: PATIENCE });
    const first = gate();
    const holder = lock.withLock(`${arn}0`, () => first.passed);
    const begun: string[] = [];
    const ask = (kind: 'denial' | 'incident', count: number) =>
      Array.from({ length: count }, (_, n) =>
        lock.withLock(`${arn}${kind}${n}`, async () => void begun.push(kind), { isIncident: kind === 'incident' }),
      );
    const all = [...ask('denial', 3), ...ask('incident', 3)];
    t.same(begun, []);
    first.open();
    await Promise.all([holder, ...all]);
    t.same(begun, ['incident', 'denial', 'incident', 'denial', 'incident', 'denial']);
  });

  await t.test('when every lock connection stays busy, the caller hears "overloaded" within the limit', async (t) => {
    const lock = createSecretLock(await open(t, { lockPoolSize: 1 }), { timeoutMs: LIMIT });
    const refused = gate();
    const holder = lock.withLock(arn, () => refused.passed);
    await t.rejects(
      lock.withLock(other, async () => {}),
      { code: 'overloaded' },
    );
    refused.open();
    await holder;
  });

  await t.test(
    'a holder whose connection is lost notices before it changes anything, and another may go on',
    async (t) => {
      const url = await freshUrl();
      const [first, second] = await Promise.all([open(t, { url }), open(t, { url })]);
      const work = createSecretLock(first).withLock(arn, async (held) => {
        await held.confirm();
        await sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted`.execute(
          second.kysely,
        );
        await createSecretLock(second).withLock(arn, async () => {});
        await held.confirm();
        return 'must not come here';
      });
      await t.rejects(work, { code: 'audit-unavailable', message: /lost/ });
      t.equal(await createSecretLock(first).withLock(arn, async () => 'again'), 'again', 'on a new connection');
    },
  );
});
