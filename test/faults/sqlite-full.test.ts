import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { isLong } from '../runs.ts';
import { startBed, timesNamed } from './bed.ts';
import { insist, pathOf, type Request, send } from './client.ts';
import { inWords, openIntents, readEvents } from './journal-facts.ts';
import { startService } from './service-process.ts';

const SECRET = 'demo/database';

/** Somewhere for the audit database that can run out of room, for good measure in the middle of a change. */
type Disk = { directory: string; fill(): void; free(): void };

const share = (account: string): Request => ({
  method: 'POST',
  path: pathOf(SECRET, 'shares'),
  // Long, so that it does not fit into what is left of a page.
  body: { principal: account, reason: 'x'.repeat(500) },
});

/** A real one, small, where we may mount it. */
function tmpfs(t: Test): Disk | null {
  const directory = mkdtempSync(join(tmpdir(), 'full-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    rmSync(directory, { recursive: true });
    return null;
  }
  t.teardown(() => {
    execFileSync('umount', ['-l', directory]);
    rmSync(directory, { recursive: true });
  });
  const ballast = join(directory, 'ballast');
  return {
    directory,
    fill() {
      const { bavail, bsize } = statfsSync(directory);
      writeFileSync(ballast, Buffer.alloc(bavail * bsize, 1));
    },
    free: () => rmSync(ballast),
  };
}

async function start(t: Test, directory: string) {
  const bed = await startBed(t);
  const service = await startService(t, { database: `sqlite:${join(directory, 'audit.db')}`, endpoint: bed.proxy.url });
  const ask = (request: Request) => send(service.url, request);
  return {
    ...bed,
    service,
    ask,
    puts: () => bed.proxy.calls('PutResourcePolicy'),
    named: (account: string) => timesNamed(bed.policyAt(SECRET), 'Allow', account),
    async assertRefused(t: Test, account: string, headers: Record<string, string> = {}) {
      const answer = await ask({ ...share(account), headers });
      t.match(answer, { status: 503, json: { code: 'audit-unavailable', retryable: true } });
      t.match(answer?.headers.get('retry-after'), /^\d+$/);
      return answer;
    },
  };
}

async function suite(t: Test, disk: Disk, service: Awaited<ReturnType<typeof start>>) {
  const { ask, puts, assertRefused, named } = service;
  t.equal((await ask(share('300000000001')))?.status, 201);

  await t.test('full before the intent: nothing is put, whatever is asked; reading goes on', async (t) => {
    disk.fill();
    const before = puts();
    for (let index = 0; index < 5; index++) await assertRefused(t, `30000000010${index}`);
    await assertRefused(t, '300000000106', { 'idempotency-key': 'full' });
    t.equal(puts(), before, 'no call changes anything at AWS');
    t.equal((await ask({ method: 'GET', path: pathOf(SECRET, 'policy') }))?.status, 200);
    t.equal((await ask({ method: 'GET', path: '/v1/audit-events' }))?.status, 200);
    disk.free();
    const again = { ...share('300000000106'), headers: { 'idempotency-key': 'full' } };
    t.equal((await insist(() => service.service.url, again)).status, 201, 'with room again, all is well');
    t.equal(puts(), before + 1);
  });

  await t.test('full between intent and outcome: the caller is told; the outcome follows', async (t) => {
    service.proxy.inject('PutResourcePolicy', { do: 'hook', run: disk.fill }, (n) => n === 1);
    const answer = await assertRefused(t, '300000000201');
    t.match(answer?.json.detail, /was changed at AWS, but the outcome could not be recorded/);
    t.equal(named('300000000201'), 1);
    disk.free();
    t.match(await ask(share('300000000201')), { status: 200, json: { changed: false } });
    const events = await readEvents(service.service.url);
    t.same(openIntents(events), []);
    const outcomes = events.filter(({ phase }) => phase === 'outcome').map(inWords);
    t.same(outcomes.slice(2), ['share applied', 'share unchanged']);
    const whole = await ask({ method: 'GET', path: '/v1/audit-events/verification' });
    t.match(whole?.json, { intact: true, firstBroken: null });
  });
}

const disk = tmpfs(t);

t.test('a disk that is full', { skip: disk === null && 'no right to mount a tmpfs' }, async (t) => {
  if (disk !== null) await suite(t, disk, await start(t, disk.directory));
});

t.test('a file that may not grow', { skip: platform() !== 'linux' || (disk !== null && !isLong) }, async (t) => {
  const directory = t.testdir({});
  const service = await start(t, directory);
  const limit = (bytes: string) =>
    void execFileSync('prlimit', [`--pid=${service.service.pid}`, `--fsize=${bytes}:unlimited`]);
  await suite(t, { directory, fill: () => limit('1'), free: () => limit('unlimited') }, service);
});
