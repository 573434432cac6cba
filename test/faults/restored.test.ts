import t from 'tap';
import { startPostgres } from '../postgres.ts';
import { isLong } from '../runs.ts';
import { eventually, gate } from '../wait.ts';
import { startBed } from './bed.ts';
import { pathOf, send } from './client.ts';
import { onPostgres, onSqlite } from './databases.ts';
import { type ServiceProcess, startService } from './service-process.ts';

const SECRET = 'demo/api-key';
const ACCOUNTS = Array.from({ length: 5 }, (_, index) => `30000000000${index}`);
const postgres = await startPostgres(t);

const shares = async ({ url }: ServiceProcess) =>
  (await send(url, { method: 'GET', path: pathOf(SECRET, 'shares') }))?.json.items as { id: string }[];

for (const [kind, open] of Object.entries({ sqlite: onSqlite, postgres: () => onPostgres(postgres) })) {
  t.test(
    `${kind}: a restored backup gives nobody what was taken away since`,
    { skip: kind === 'postgres' && !isLong },
    async (t) => {
      const bed = await startBed(t);
      const { url, backUp, restore } = await open(t);
      const start = (database: string) => startService(t, { database, endpoint: bed.proxy.url });
      const ended = async (service: ServiceProcess, location: string) =>
        eventually(async () => {
          const { json } = (await send(service.url, { method: 'GET', path: location })) ?? {};
          if (typeof json?.finishedAt !== 'string') throw new Error(JSON.stringify(json));
          return json;
        });

      const [there, never] = [gate(), gate()];
      const run = () => {
        there.open();
        return never.passed;
      };
      const off = bed.proxy.inject('PutResourcePolicy', { do: 'hook', run });
      const first = await start(url);
      const items = ACCOUNTS.map((principal) => ({ secretId: SECRET, principal }));
      const begun = await send(first.url, { method: 'POST', path: '/v1/bulk/shares', body: { items } });
      const location = String(begun?.headers.get('location'));
      await there.passed;
      await first.kill();
      await backUp();

      off();
      const second = await start(url);
      t.match(await ended(second, location), { counts: { applied: ACCOUNTS.length } }, 'after a crash it goes on');
      const revoked = (await shares(second)).map(({ id }) => ({ secretId: SECRET, kind: 'share', id }));
      const revocations = { method: 'POST', path: '/v1/bulk/revocations', body: { items: revoked } } as const;
      await ended(second, String((await send(second.url, revocations))?.headers.get('location')));
      t.same(await shares(second), []);
      t.same(await second.terminate(), [0, null]);

      const third = await start(await restore());
      t.match(await ended(third, location), { status: 'done', counts: { failed: ACCOUNTS.length } });
      const told = await send(third.url, { method: 'GET', path: `${location}/items` });
      t.match(told?.json.items[0].result.problem, { code: 'stored-command-refused', detail: /restored/ });
      t.same(await shares(third), []);
      // What is asked for anew is done, and a restart of what was restored is a restart like any other.
      const again = await send(third.url, { method: 'POST', path: '/v1/bulk/shares', body: { items } });
      t.match(await ended(third, String(again?.headers.get('location'))), { counts: { failed: 0 } });
      t.equal((await shares(third)).length, ACCOUNTS.length);
      await third.kill();
    },
  );
}
