import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { runs, SEED } from '../runs.ts';
import { eventually } from '../wait.ts';
import { startBed } from './bed.ts';
import { openIntents, readEvents } from './journal-facts.ts';
import { createRandom } from './random.ts';
import { type ServiceProcess, startService } from './service-process.ts';

const SECRET = 'team/private';
const PATIENCE_MS = 5_000;
/** Longer than a change and its grants may take: what is older nobody works on. */
const LATER_MS = 100_000;

type Grant = { Name: string; GranteePrincipal: string };
type Share = { id: string; principal: string };

t.test(
  'whenever the process is killed, a share without its grant says so, and no grant stays without its share',
  async (t) => {
    const random = createRandom(SEED);
    const bed = await startBed(t);
    const { aws, proxy } = bed;
    const create = { Name: SECRET, KmsKeyId: 'alias/private', SecretString: 'x' };
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'CreateSecret', create);
    const database = `sqlite:${join(t.testdir({}), 'audit.db')}`;
    let aheadMs = 0;
    const start = () => startService(t, { database, endpoint: proxy.url, aheadMs });
    let service = await start();

    const atCall = (operation: string, when: 'before' | 'after') => ({
      name: `${when} ${operation}`,
      strike: (on: ServiceProcess) =>
        new Promise<void>((resolve) => {
          const run = async () => {
            await on.kill();
            resolve();
          };
          proxy.inject(operation, { do: 'hook', when, run }, (n) => n === 1 + random.int(2));
        }),
    });
    const points = [
      atCall('PutResourcePolicy', 'after'),
      atCall('CreateGrant', 'before'),
      atCall('RevokeGrant', 'before'),
      atCall('CreateGrant', 'after'),
      atCall('ListGrants', 'before'),
      { name: 'at a durable outcome', strike: (on: ServiceProcess) => on.event('outcome').then(() => on.kill()) },
      atCall('RevokeGrant', 'after'),
      atCall('DeleteResourcePolicy', 'after'),
      { name: 'at random', strike: (on: ServiceProcess) => sleep(random.int(400)).then(() => on.kill()) },
    ];

    const url = () => `${service.url}/v1/secrets/${encodeURIComponent(SECRET)}/shares`;
    /** Shares and takes back, one account after another, until the process is gone. */
    const work = async (round: number) => {
      for (let each = 0; ; each += 1) {
        const principal = String(300_000_000_000 + round * 1_000 + each);
        const headers = { 'content-type': 'application/json' };
        const body = JSON.stringify({ principal, complete: true });
        const shared = await fetch(url(), { method: 'POST', headers, body });
        const { share } = (await shared.json()) as { share: Share };
        if (each % 3 !== 2) await fetch(`${url()}/${share.id}`, { method: 'DELETE' });
      }
    };

    const grantsNow = (Marker?: string): Grant[] => {
      const asked = { KeyId: 'alias/private', Limit: 100, ...(Marker && { Marker }) };
      const { Grants, NextMarker } = aws.call('LOCALOWNER', 'us-east-1', 'kms', 'ListGrants', asked);
      return [...(Grants as Grant[]), ...(NextMarker === undefined ? [] : grantsNow(String(NextMarker)))];
    };
    const faults = async (): Promise<string[]> => {
      const { items: shares } = (await (await fetch(`${url()}?limit=1000`)).json()) as { items: Share[] };
      const events = await readEvents(service.url, '');
      const said = new Set(
        events.flatMap(({ action, outcome, request }) =>
          action === 'createGrant' && outcome === 'failed' ? String(request['principal']) : [],
        ),
      );
      const grants = grantsNow();
      const granted = new Set(grants.map(({ Name }) => Name.split(':')[1]));
      return [
        ...shares
          .filter(({ id, principal }) => !granted.has(id) && !said.has(principal))
          .map(({ principal }) => `${principal} has a share, and no grant, and nothing says so`),
        ...grants
          .filter(({ Name }) => !shares.some(({ id }) => Name.includes(id)))
          .map(({ GranteePrincipal }) => `${GranteePrincipal} has a grant, and no share`),
        ...openIntents(events).map(({ action }) => `an intent to ${action} has no outcome`),
      ];
    };

    const rounds = runs(3, 9, 100);
    for (let round = 0; round < rounds; round += 1) {
      const point = points[round] ?? random.pick(points);
      const over = work(round).catch(() => {});
      await Promise.race([point.strike(service), sleep(PATIENCE_MS)]);
      await service.kill();
      await over;
      proxy.clear();
      aheadMs += LATER_MS;
      service = await start();
      t.comment(`kill ${round + 1}, ${point.name}: ${(await faults()).join('; ') || 'nothing was left'}`);
      await eventually(async () => {
        const left = await faults();
        if (left.length > 0) throw new Error(`after kill ${round + 1} (${point.name}): ${left.join('; ')}`);
      });
    }
    t.ok(grantsNow().length > 0, 'some shares stand with their grants');
  },
);
