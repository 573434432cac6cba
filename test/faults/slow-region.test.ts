import t from 'tap';
import { startPostgres } from '../postgres.ts';
import { gate, until } from '../wait.ts';
import { startBed } from './bed.ts';
import { pathOf, send } from './client.ts';
import { startService } from './service-process.ts';

/** More than a process has connections for locks. */
const MANY = 40;
/** As many as a busy machine, too, changes in the time that one waits for its turn. */
const FEW = 8;
const postgres = await startPostgres(t);

t.test('changes in a Region that does not answer hold up none elsewhere', async (t) => {
  const { aws, proxy } = await startBed(t);
  const secretsOf = (region: string) =>
    Array.from({ length: MANY }, (_, n) =>
      String(
        aws.call('LOCALOWNER', region, 'secretsmanager', 'CreateSecret', { Name: `s/${n}`, SecretString: 'x' })['ARN'],
      ),
    );
  const [slow, healthy] = [secretsOf('eu-west-1'), secretsOf('us-east-1')];
  const back = gate();
  const run = async ({ body }: { body: string }) => {
    if (body.includes(':eu-west-1:')) await back.passed;
  };
  proxy.inject('PutResourcePolicy', { do: 'hook', run });
  const { url } = await startService(t, { database: await postgres.freshDatabase(), endpoint: proxy.url });
  const share = async (secret: string) => {
    const answer = await send(url, {
      method: 'POST',
      path: pathOf(secret, 'shares'),
      body: { principal: '300000000001', acknowledgeUnreadable: true },
    });
    return answer?.status;
  };
  const waiting = slow.map(share);
  await until(() => proxy.calls('PutResourcePolicy') >= 8);
  t.same(await Promise.all(healthy.slice(0, FEW).map(share)), Array(FEW).fill(201));
  back.open();
  const late = await Promise.all(waiting);
  t.ok(late.filter((status) => status === 201).length >= 8, 'what was begun is done once it answers');
  t.same(
    late.filter((status) => status !== 201 && status !== 503),
    [],
  );
});
