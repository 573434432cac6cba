import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import { createSecretAccessClient } from '../../client/index.ts';
import { build, MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';

t.test('the typed client shares, looks and gets problems as values', async (t) => {
  const { app } = await build(t);
  const client = createSecretAccessClient(await app.listen({ host: '127.0.0.1', port: 0 }));
  const path = { secretId: 'demo/database' };
  const share = await client.POST('/v1/secrets/{secretId}/shares', { params: { path }, body: { principal: MARY } });
  t.equal(share.response.status, 201);
  const shares = await client.GET('/v1/secrets/{secretId}/shares', { params: { path } });
  matchList(t, shares.data?.items, [{ principal: MARY }]);
  const refused = await client.GET('/v1/secrets/{secretId}', { params: { path: { secretId: 'nothing' } } });
  t.match(refused.error, { code: 'secret-not-found', status: 404 });
});

t.test('the example service runs', async (t) => {
  const { app } = await build(t);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const env = { ...process.env, SECRET_ACCESS_URL: url };
  const example = new URL('../../client/example.ts', import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [example], { env });
  t.match(stdout, /^secretPolicy: done\./m);
});
