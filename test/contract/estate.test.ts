import { CompiledQuery, createQueryId, type Kysely, type RootOperationNode, sql } from 'kysely';
import t, { type Test } from 'tap';
import type { Database } from '../../src/database/database.ts';
import { createAcknowledgements } from '../../src/database/estate/acknowledgements.ts';
import { createEstateIndex } from '../../src/database/estate/index.ts';
import { createEstatePlaces } from '../../src/database/estate/places.ts';
import { createEstateSearch } from '../../src/database/estate/search.ts';
import { steps } from '../../src/database/migrations/index.ts';
import type { IndexedSecret } from '../../src/estate/estate-index.ts';
import { type Finding, type FindingKind, findingId } from '../../src/estate/findings/finding.ts';
import { PROD_SECRET } from '../access/prod-secret.ts';
import { onEveryDatabase } from './on-every-database.ts';

const HERE = { account: PROD_SECRET.account, region: PROD_SECRET.region };
const THERE = { account: '222222222222', region: 'eu-west-1' };
const PROBLEM = { code: 'aws-access-denied', detail: 'It says “no\u0000”.' };

const seen = (name: string, ms: number, more: Partial<IndexedSecret> = {}): IndexedSecret => ({
  secret: { ...PROD_SECRET, name, arn: `arn:aws:secretsmanager:us-east-1:${HERE.account}:secret:${name}-AbCdEf` },
  ...{ policy: null, versions: null, exposure: 'none', readers: 0, denials: 0, findings: [], problem: null },
  asOf: new Date(ms),
  ...more,
});
const clock = () => new Date();
const NOWHERE = { arn: '', kind: '' };
const found = (kind: FindingKind): Finding => ({
  kind,
  detail: 'why',
  about: kind,
  mend: { method: 'GET', path: '/v1' },
});
const policyOf = (account: string) => ({
  Statement: { Effect: 'Allow' as const, Action: '*', Principal: { AWS: account }, Resource: '*' },
});

/** How the database finds what `look` asks for. */
async function plansOf(database: Database, look: (watched: Database) => Promise<unknown>): Promise<string> {
  const asked: RootOperationNode[] = [];
  const kysely = database.kysely.withPlugin({
    transformQuery({ node }) {
      asked.push(node);
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  await look({ ...database, kysely });
  return database.kysely.connection().execute(async (connection) => {
    // Of few rows PostgreSQL reads all.
    if (database.kind === 'postgres') await sql`set enable_seqscan = off`.execute(connection);
    const explain = database.kind === 'postgres' ? 'explain' : 'explain query plan';
    const plans: unknown[] = [];
    for (const node of asked) {
      const query = connection.getExecutor().compileQuery(node, createQueryId());
      const { rows } = await connection.executeQuery(
        CompiledQuery.raw(`${explain} ${query.sql}`, [...query.parameters]),
      );
      plans.push(rows);
    }
    return JSON.stringify(plans);
  });
}

onEveryDatabase(t, async (t, { open }) => {
  await t.test('secrets are found by the keys that they and their replicas are under, by an index', async (t) => {
    const database = await open(t);
    const index = createEstateIndex(database, clock);
    const under = async (keyId: string, region = HERE.region, after = '') => {
      const name = { account: HERE.account, region, keyId };
      const found = await createEstateSearch(database).underKey({ name, after, limit: 2 });
      return found.map(({ secret }) => secret.name);
    };
    const put = (name: string, ms: number, kmsKeyId: string | null, ...replicas: [string, string | null][]) => {
      const status = { status: 'InSync', statusMessage: null };
      const all = replicas.map(([region, key]) => ({ region, kmsKeyId: key, ...status }));
      const { secret } = seen(name, ms);
      const said = { kmsKeyId, replicas: all, primaryRegion: HERE.region, description: '\u0000' };
      return index.put(seen(name, ms, { secret: { ...secret, ...said } }), [], []);
    };
    await put('a', 1, 'k', ['eu-west-1', 'alias/far'], ['eu-west-3', null]);
    for (const name of ['b', 'c']) await put(name, 1, 'k');
    await put('d', 1, null);
    const isFound = async (t: Test) => {
      t.strictSame(await under('k'), ['a', 'b']);
      t.strictSame(await under('k', HERE.region, seen('b', 0).secret.arn), ['c']);
      t.strictSame(await under('alias/far', 'eu-west-1'), ['a']);
      t.strictSame([...(await under('k', 'eu-west-1')), ...(await under('alias/far'))], []);
    };
    await isFound(t);
    await t.test('also what a version before wrote', async (t) => {
      await sql`drop table estate_secret_keys`.execute(database.kysely);
      await sql`drop index estate_secrets_named`.execute(database.kysely);
      await steps['0017-estate-look-ups.beside-0014']?.(database.kysely as Kysely<unknown>, database.kind);
      await isFound(t);
    });
    t.match(
      await plansOf(database, (watched) =>
        createEstateSearch(watched).underKey({ name: { ...HERE, keyId: 'k' }, after: '', limit: 2 }),
      ),
      /estate_secret_keys_key|SEARCH estate_secret_keys USING COVERING INDEX/,
    );
    await put('a', 2, 'other');
    t.strictSame([await under('k'), await under('alias/far', 'eu-west-1')], [['b', 'c'], []]);
    t.strictSame(await under('other'), ['a']);
    await put('a', 3, null);
    await index.forget(seen('b', 0).secret.arn);
    t.strictSame([await under('other'), await under('k')], [[], ['c']]);
    t.equal((await database.kysely.selectFrom('estate_secret_keys').selectAll().execute()).length, 1);
  });

  await t.test('secrets are found by their whole name in a place, by an index', async (t) => {
    const database = await open(t);
    const index = createEstateIndex(database, clock);
    const again = seen('a', 1);
    const { secret } = again;
    for (const name of ['a', 'a-AbCdEf', 'aa']) await index.put(seen(name, 1), [], []);
    await index.put({ ...again, secret: { ...secret, arn: secret.arn.replace('AbCdEf', 'XyZxYz') } }, [], []);
    const named = async (name: string, place = HERE) =>
      (await index.named(place, name)).map(({ secret: { arn } }) => arn.split(':').at(-1)).toSorted();
    t.strictSame(await named('a'), ['a-AbCdEf', 'a-XyZxYz']);
    t.strictSame(await named('a-AbCdEf'), ['a-AbCdEf-AbCdEf']);
    t.strictSame([...(await named('a', THERE)), ...(await named('A')), ...(await named('_'))], []);
    t.match(
      await plansOf(database, (watched) => createEstateIndex(watched, clock).named(HERE, 'a')),
      /estate_secrets_named/,
    );
  });

  await t.test('after a clock was put back what is seen counts, whatever was seen before', async (t) => {
    let now = 3_600_000 * 10;
    const index = createEstateIndex(await open(t), () => new Date(now));
    const told = async () => (await index.find(seen('a', 0).secret.arn))?.readers;
    await index.put(seen('a', now, { readers: 1 }), [], []);
    await index.put(seen('a', now - 1, { readers: 2 }), [], []);
    t.equal(await told(), 1, 'what another replica saw later stands');
    now -= 3_600_000;
    await index.put(seen('a', now, { readers: 3 }), [], []);
    t.equal(await told(), 3);
    await index.put(seen('a', now - 1, { readers: 4 }), [], []);
    t.equal(await told(), 3);
  });

  await t.test('a place is surveyed by one process at a time, and goes on where it was left', async (t) => {
    const database = await open(t);
    let now = 1_000;
    const clock = () => new Date(now);
    const places = createEstatePlaces(database, clock);
    await places.keep([HERE, THERE]);
    await places.keep([HERE, THERE]);
    t.equal((await places.all()).length, 2);
    const [first] = await places.claimDue([HERE, THERE], 1);
    const claimed = first ?? HERE;
    t.match(first, { startedAt: new Date(1_000), nextPage: undefined });
    t.equal(await places.claim(claimed), null, 'it is taken');
    t.equal((await places.claimDue([HERE, THERE], 5)).length, 1, 'the other is not');
    t.equal(await places.progress(claimed, 'page 2'), true);
    now += 59_000;
    t.equal(await places.claim(claimed), null);
    t.equal(await places.progress(claimed), true, 'kept, at the same page');
    now += 60_000;
    t.match(await places.claim(claimed), { startedAt: new Date(1_000), nextPage: 'page 2' });
    await places.finish(claimed, { secrets: 7, nextAt: new Date(500_000) });
    t.equal(await places.progress(claimed, 'page 3'), false, 'it is nobody’s any more');
    t.match(await places.find(claimed), { startedAt: null, finishedAt: new Date(now), secrets: 7, problem: null });
    now += 1_000;
    t.match(await places.claim(claimed), { startedAt: new Date(now), nextPage: undefined }, 'the next one begins anew');
    await places.fail(claimed, PROBLEM, new Date(600_000));
    t.match(await places.find(claimed), { problem: PROBLEM, failedAt: new Date(now), secrets: 7 });
    await places.leave();
    t.equal((await places.claimDue([HERE, THERE], 5)).length, 1, 'what is not due is not claimed');
    now = 600_000;
    t.equal((await places.claimDue([HERE, THERE], 5)).length, 2, 'what is due is, and what its process left');
  });

  await t.test('what an account no longer has to do with the estate is forgotten', async (t) => {
    const database = await open(t);
    let now = 0;
    const places = createEstatePlaces(database, () => new Date(now));
    const index = createEstateIndex(database, clock);
    await places.keep([HERE, THERE]);
    await index.put(
      seen('a', 1, { policy: policyOf('222222222222') }),
      [{ principal: 'x', account: '*' }],
      [found('public')],
    );
    const over = (...said: (typeof HERE)[]) => places.keep(said);
    t.strictSame(await over(THERE), [], 'others may know more');
    for (let minutes = 10; minutes <= 60; minutes += 10) {
      now = minutes * 60_000;
      t.strictSame(await over(HERE), []);
      t.strictSame(await over(THERE), [], 'another process has it in its list');
    }
    t.strictSame(
      (await places.claimDue([THERE], 5)).map(({ account }) => account),
      [THERE.account],
      'who has it not in its list does not survey it',
    );
    now += 14 * 60_000;
    t.strictSame(await over(THERE), []);
    now += 60_000;
    t.strictSame(await over(THERE), [HERE], 'nobody has, for 15 minutes');
    const known = async () => (await places.all()).map(({ account }) => account);
    await places.drop(HERE);
    t.strictSame(await known(), [HERE.account, THERE.account], 'not while a secret of it is left');
    t.equal(await index.forgetUnseen(HERE, new Date(now), async () => {}), 0);
    await places.drop(HERE);
    t.strictSame(await known(), [THERE.account]);
    t.equal((await database.kysely.selectFrom('estate_edges').selectAll().execute()).length, 0);
  });

  await t.test('what a version before left is forgotten only once nobody wants it for as long', async (t) => {
    const database = await open(t);
    let now = 3_600_000;
    const places = createEstatePlaces(database, () => new Date(now));
    await places.keep([HERE, THERE]);
    await database.kysely.updateTable('estate_places').set({ kept_at: null }).execute();
    const left = async () => {
      for (const place of await places.keep([THERE])) await places.drop(place);
      return (await places.all()).length;
    };
    t.equal(await left(), 2);
    now += 15 * 60_000;
    t.equal(await left(), 1);
  });

  await t.test('the later look counts; one that fails leaves what was seen', async (t) => {
    const database = await open(t);
    const index = createEstateIndex(database, clock);
    const search = createEstateSearch(database);
    const findingsNow = () => search.findings({ after: NOWHERE, limit: 10 });
    const edgesNow = async () =>
      (await database.kysely.selectFrom('estate_edges').select('principal').execute()).map(
        ({ principal }) => principal,
      );
    const versions = [{ stages: ['AWSCURRENT'], keyIds: ['k'] }];
    const later = seen('a', 2_000, { policy: policyOf('222222222222'), versions, exposure: 'outside', readers: 1 });
    const { arn } = later.secret;
    await index.put(later, [{ principal: 'new', account: '222222222222' }], [found('public'), found('orphan')]);
    await index.put(seen('a', 1_000), [{ principal: 'old', account: '*' }], []);
    t.same(await index.find(arn), later);
    t.strictSame(await edgesNow(), ['new']);
    await index.fail(later.secret, PROBLEM, new Date(3_000));
    t.same(await index.find(arn), { ...later, problem: PROBLEM });
    await index.fail(seen('b', 0).secret, PROBLEM, new Date(3_000));
    t.match(await index.find(seen('b', 0).secret.arn), { exposure: null, policy: null });
    const { failed, oldestLookAt } = await index.gaps(1);
    t.match(failed, [{ secret: { name: 'a' }, problem: PROBLEM }]);
    t.equal(failed.length, 1);
    t.same(oldestLookAt, new Date(2_000));
    const next = seen('a', 4_000, { policy: policyOf('333333333333') });
    await index.put(
      next,
      Array.from({ length: 450 }, (_, at) => ({ principal: `p${at}`, account: '*' })),
      [found('orphan'), found('near-size-limit')],
    );
    t.match(
      await findingsNow(),
      [
        { kind: 'near-size-limit', since: new Date(4_000), severity: 'medium' },
        { kind: 'orphan', since: new Date(2_000), seen: { secret: { arn } } },
      ],
      'one is new, one goes on, one is over',
    );
    t.match(await search.findings({ after: { arn, kind: 'near-size-limit' }, limit: 1 }), [{ kind: 'orphan' }]);
    t.same(await search.findings({ after: NOWHERE, limit: 1, kind: 'public' }), []);
    t.equal((await edgesNow()).length, 450);
    const leaving: string[] = [];
    const note = async (secrets: readonly IndexedSecret[]) => {
      leaving.push(...secrets.map(({ secret: { name } }) => name));
    };
    t.equal(await index.forgetUnseen(HERE, new Date(3_500), note), 1, 'what nobody met since is gone');
    t.strictSame(leaving, ['b'], 'and was told of before');
    t.equal(await index.find(seen('b', 0).secret.arn), null);
    await index.forget(arn);
    t.strictSame(await edgesNow(), []);
    t.same(await findingsNow(), []);
    t.same(await index.gaps(1), { failed: [], oldestLookAt: null });
  });

  await t.test('what is said of a finding holds for those whom it was about, and as long as it is there', async (t) => {
    const database = await open(t);
    const index = createEstateIndex(database, clock);
    const search = createEstateSearch(database);
    const { acknowledge } = createAcknowledgements(database);
    const { arn } = seen('a', 0).secret;
    const put = (ms: number, ...findings: Finding[]) =>
      index.put(seen('a', ms, { findings: findings.map(({ kind }) => kind) }), [], findings);
    const said = { by: 'ann', reason: 'known', at: new Date(1), until: new Date(9_000) };
    const now = async () => (await search.findingOf(findingId(arn, 'orphan')))?.acknowledgement;
    await put(1_000, found('orphan'), found('public'));
    t.match(await search.findingOf(findingId(arn, 'orphan')), { kind: 'orphan', arn, acknowledgement: null });
    await acknowledge({ arn, ...found('orphan') }, { ...said, reason: 'first' });
    await acknowledge({ arn, ...found('orphan') }, said);
    t.same(await now(), said, 'the last word counts');
    await put(2_000, found('orphan'));
    t.same(await now(), said);
    await put(3_000, { ...found('orphan'), about: 'others' });
    t.equal(await now(), null, 'it was not said of them');
    await put(4_000, found('orphan'));
    t.same(await now(), said);
    await put(5_000);
    t.equal(await now(), undefined);
    await put(6_000, found('orphan'));
    t.equal(await now(), null, 'what comes again is open');
    await acknowledge({ arn, ...found('orphan') }, said);
    await index.forget(arn);
    await put(7_000, found('orphan'));
    t.same(await now(), said, 'what is forgotten and comes back is as it was');
    await index.forget(arn);
    await put(8_000);
    await put(8_100, found('orphan'));
    t.equal(await now(), null, 'unless it had ended meanwhile');

    const count = () => database.kysely.selectFrom('acknowledgements').select('arn').execute();
    await acknowledge({ arn, ...found('orphan') }, said);
    await index.forget(arn);
    await acknowledge({ arn: `${arn}-2`, ...found('orphan') }, { ...said, at: said.until });
    t.same(await count(), [{ arn: `${arn}-2` }], 'until its date');
  });
});
