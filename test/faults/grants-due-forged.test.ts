import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import t from 'tap';
import { until } from '../wait.ts';
import { startBed } from './bed.ts';
import { startService } from './service-process.ts';

type Share = { id: string; principal: string };

t.test(
  'no grant that is needed is revoked: of a share that was given a later end, or by a row that somebody wrote',
  async (t) => {
    const { aws, proxy, arnOf } = await startBed(t);
    const own = (service: 'kms' | 'secretsmanager', operation: string, input: object) =>
      aws.call('LOCALOWNER', 'us-east-1', service, operation, input);
    for (const Name of ['team/x', 'team/y', 'team/z'])
      own('secretsmanager', 'CreateSecret', { Name, KmsKeyId: 'alias/private', SecretString: 'x' });
    const grants = () =>
      own('kms', 'ListGrants', { KeyId: 'alias/private' })['Grants'] as { GranteePrincipal: string }[];
    const file = join(t.testdir({}), 'audit.db');
    const start = (aheadMs = 0) => startService(t, { database: `sqlite:${file}`, endpoint: proxy.url, aheadMs });
    const rows = <Result>(work: (database: DatabaseSync) => Result): Result => {
      const database = new DatabaseSync(file, { timeout: 30_000 });
      try {
        return work(database);
      } finally {
        database.close();
      }
    };

    let service = await start();
    const post = async (secret: string, body: object) => {
      const url = `${service.url}/v1/secrets/${encodeURIComponent(secret)}/shares`;
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ complete: true, ...body }) });
      return (await answer.json()) as { changeId: string; share: Share };
    };
    await post('team/x', { principal: '300000000001' });
    const { changeId } = await post('team/x', { principal: '300000000002' });
    await post('team/z', { principal: '300000000003', expiresAt: '2099-01-01T00:00:00Z' });
    t.equal(grants().length, 3);

    proxy.inject('PutResourcePolicy', { do: 'hook', when: 'after', run: () => service.kill() });
    await post('team/z', { principal: '300000000003' }).catch(() => {});
    await service.kill();
    proxy.clear();
    rows((database) => {
      t.equal(database.prepare('select count(*) as due from grants_due').get()?.['due'], 1, 'what died is due');
      const insert = database.prepare('insert into grants_due (change_id, secret_arn, noted_at) values (?, ?, 0)');
      insert.run(changeId, arnOf('team/y'));
    });
    service = await start(100_000);
    await until(() => rows((database) => database.prepare('select * from grants_due').all().length === 0));
    t.strictSame(
      grants()
        .map(({ GranteePrincipal }) => GranteePrincipal.split(':')[4])
        .toSorted(),
      ['300000000001', '300000000002', '300000000003'],
    );
  },
);
