import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { TIMING } from '../../src/timing.ts';
import { internalServiceError, throttling } from '../aws/fault-proxy.ts';
import { TIMING as SHORT } from '../helper.ts';
import { startPostgres } from '../postgres.ts';
import { isLong, runs, SEED } from '../runs.ts';
import { eventually } from '../wait.ts';
import { type Bed, foreignStatements, startBed, timesNamed } from './bed.ts';
import { insist, pathOf, type Request } from './client.ts';
import { assertJournal, openIntents, readEvents } from './journal-facts.ts';
import { createRandom, type Random } from './random.ts';
import { startService } from './service-process.ts';

const SECRET = 'demo/database';
const REPEATS = runs(1, 2, 10);
const postgres = await startPostgres(t);

async function startReplicas(t: Test, bed: Bed, count: number, timing = SHORT) {
  const database = await postgres.freshDatabase();
  const start = () => startService(t, { database, endpoint: bed.proxy.url, aws: { deadlineMs: 2_000 }, timing });
  const replicas = await Promise.all(Array.from({ length: count }, start));
  return {
    replicas,
    /** Kills one in the midst of its work, and starts another in its place. */
    async replaceOne(random: Random) {
      const index = random.int(count);
      await replicas[index]?.kill();
      replicas[index] = await start();
    },
  };
}

/** One call in five is throttled, cut off before or after AWS did the work, or fails; the others are late now and then. */
function injectFaults({ proxy }: Bed, random: Random): void {
  const [delays, cuts] = [random.fork(), random.fork()];
  for (const milliseconds of [20, 100, 300]) proxy.inject('*', { do: 'delay', milliseconds }, () => delays.chance(0.1));
  // Those that come first leave fewer calls to those after them.
  const faults = [
    throttling,
    internalServiceError,
    { do: 'drop', when: 'before' },
    { do: 'drop', when: 'after' },
  ] as const;
  faults.forEach((fault, index) => {
    const share = 0.05 / (1 - 0.05 * index);
    proxy.inject('*', fault, () => cuts.chance(share));
  });
}

type Asked = { request: Request; effect: 'Allow' | 'Deny'; account: string; stands: boolean };

t.test('three replicas, one secret, a hundred changes at once, and one AWS call in five that fails', async (t) => {
  const random = createRandom(SEED);
  for (let repeat = 1; repeat <= REPEATS; repeat++) {
    await t.test(`run ${repeat}`, async (t) => {
      const bed = await startBed(t);
      const { replicas, replaceOne } = await startReplicas(t, bed, 3);
      const anyReplica = () => random.pick(replicas).url;
      const arn = bed.arnOf(SECRET);
      const before = { [arn]: bed.policyAt(SECRET) };
      const foreign = foreignStatements(bed.policyAt(SECRET));
      const post = (kind: 'shares' | 'denials', account: string): Request => ({
        method: 'POST',
        path: pathOf(SECRET, kind),
        body: { principal: account },
      });
      const accounts = (prefix: string, count: number) =>
        Array.from({ length: count }, (_, index) => prefix + String(index).padStart(4, '0'));

      const standing = await Promise.all(
        accounts('30000000', 20).map(async (account) => {
          const headers = { 'idempotency-key': `standing-${account}` };
          const { status, json } = await insist(anyReplica, { ...post('shares', account), headers });
          if (status !== 201) t.fail(`${status} for a share`);
          return { account, id: String(json.share.id), changeId: String(json.changeId) };
        }),
      );
      injectFaults(bed, random);
      // Some clients hang up early, and ask another replica.
      const patience = () => (random.chance(0.2) ? 20 + random.int(500) : undefined);

      const asked: Asked[] = [
        ...accounts('40000000', 55).map((account) => ({
          request: post('shares', account),
          effect: 'Allow' as const,
          account,
          stands: true,
        })),
        ...accounts('50000000', 25).map((account) => ({
          request: post('denials', account),
          effect: 'Deny' as const,
          account,
          stands: true,
        })),
        ...standing.map(({ account, id }) => ({
          request: { method: 'DELETE' as const, path: pathOf(SECRET, `shares/${id}`) },
          effect: 'Allow' as const,
          account,
          stands: false,
        })),
      ];
      const replaced = isLong ? sleep(random.int(2_500)).then(() => replaceOne(random)) : undefined;
      const answers = await Promise.all(
        asked.map(async ({ request }, index) => {
          await sleep(random.int(2_500));
          return insist(anyReplica, { ...request, headers: { 'idempotency-key': `change-${index}` } }, { patience });
        }),
      );
      for (const [index, { request }] of asked.entries()) {
        const answer = answers[index];
        const expected = request.method === 'POST' ? 201 : 200;
        if (answer?.status !== expected) t.fail(`${request.method} ${request.path}: ${answer?.status} ${answer?.text}`);
      }
      await replaced;
      const policy = bed.policyAt(SECRET);
      const wrong = asked.filter(
        ({ effect, account, stands }) => timesNamed(policy, effect, account) !== (stands ? 1 : 0),
      );
      t.same(wrong, [], 'every change that was answered is in the policy, once');
      t.same(foreignStatements(policy), foreign, 'the statements of others stand to the letter');

      const puts = bed.proxy.calls('PutResourcePolicy');
      bed.proxy.clear();
      await eventually(async () => {
        const open = openIntents(await readEvents(anyReplica()));
        if (open.length > 0) throw new Error(`${open.length} intents have no outcome`);
      });
      const changeIds = [
        ...standing.map(({ changeId }) => changeId),
        ...answers.map(({ json }) => String(json.changeId)),
      ];
      await assertJournal(t, anyReplica(), { policies: { [arn]: policy }, before, changeIds });
      const retried = answers.filter(({ attempts }) => attempts > 1).length;
      t.comment(`${retried} of ${answers.length} requests were repeated; ${puts} Puts reached the proxy`);
    });
  }
});

for (const late of isLong ? [0, 300, 1_500, 4_500] : [1_500]) {
  t.test(`a Put that outlives its process by ${late} ms does not undo what the next replica changes`, async (t) => {
    const bed = await startBed(t);
    const [first, second] = (await startReplicas(t, bed, 2, late > 1_000 ? TIMING : SHORT)).replicas;
    if (first === undefined || second === undefined) throw new Error('Two replicas were asked for.');
    const arn = bed.arnOf(SECRET);
    const before = { [arn]: bed.policyAt(SECRET) };
    const killed = Promise.withResolvers<void>();
    const run = async () => {
      await first.kill();
      killed.resolve();
    };
    bed.proxy.inject('PutResourcePolicy', { do: 'hook', run }, (n) => n === 1);
    bed.proxy.inject('PutResourcePolicy', { do: 'delay', milliseconds: late }, (n) => n === 1);
    const share = (account: string): Request => ({
      method: 'POST',
      path: pathOf(SECRET, 'shares'),
      body: { principal: account },
      headers: { 'idempotency-key': account },
    });

    let isDead = false;
    const toDie = insist(() => {
      if (isDead) throw new Error('It is dead.');
      return first.url;
    }, share('300000000001')).catch(() => null);
    await killed.promise;
    isDead = true;
    const other = await insist(() => second.url, share('300000000002'));
    await toDie;
    await sleep(late);
    t.equal(other.status, 201);
    const policy = bed.policyAt(SECRET);
    t.equal(timesNamed(policy, 'Allow', '300000000002'), 1, "the second replica's change stands");
    t.equal(timesNamed(policy, 'Allow', '300000000001'), 1, 'and so does the one that came late');
    const changeIds = [String(other.json.changeId)];
    await assertJournal(t, second.url, { policies: { [arn]: policy }, before, changeIds });
  });
}
