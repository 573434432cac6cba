import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { readCsv } from '../../client/command/csv.ts';
import { run } from '../../client/command/run.ts';
import { readSettings } from '../../client/command/settings.ts';
import { buildWithCallers } from '../callers.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';

const directory = mkdtempSync(join(tmpdir(), 'command-'));
t.teardown(() => rmSync(directory, { recursive: true }));
const write = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};

/** The command as a shell runs it; nobody’s own configuration is read. */
const shell =
  (env: Record<string, string>, columns?: number) =>
  async (...argv: string[]) => {
    let out = '';
    let err = '';
    const terminal = {
      env: { SECRET_ACCESS_CONFIG: join(directory, 'none.json'), ...env },
      write(text: string) {
        out += text;
      },
      writeError(text: string) {
        err += text;
      },
    };
    return { exit: await run(argv, { ...terminal, columns }), out, err };
  };

t.test('each task is one command', async (t) => {
  const { app, readAs, arnOf } = await build(t);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const sh = shell({ SECRET_ACCESS_URL: url }, 120);
  const arn = await arnOf('demo/database');

  const rehearsal = await sh('share', 'demo/database', MARY, '--for', '30d', '--dry-run');
  t.match(rehearsal, { exit: 0, out: /^Would be: / });
  t.equal(await readAs('LOCALMARY', arn), 'AccessDeniedException');
  await sh('deny', 'demo/api-key', APP_ROLE);
  const denied = await sh('revoke', 'demo/api-key', APP_ROLE);
  t.match(denied, { exit: 1, err: /no share of .+--kind denial/ }, 'what takes access back never gives it');
  const share = await sh('share', 'demo/database', MARY, '--for', '30d', '--reason', 'report', '--ticket', 'OPS-1');
  t.match(share, { exit: 0, err: '', out: /identityPolicy of 123456789999: unknown/ });
  t.equal(await readAs('LOCALMARY', arn), 'read');
  t.match(await sh('who', 'demo/database'), { exit: 0, out: /^arn:aws:iam::123456789999:user\/Mary +yes.+report *$/m });

  const denial = await sh('--json', 'deny', 'demo/database', MARY, '--arn');
  t.equal(denial.exit, 0);
  t.match(JSON.parse(denial.out), { denial: { principal: MARY, template: 'deny-principal-arn' } });
  t.equal(await readAs('LOCALMARY', arn), 'AccessDeniedException');
  const several = await sh('revoke', 'demo/database', MARY);
  t.match(several, { exit: 1, err: /say which by its id/ }, 'a share and a denial');
  t.match(await sh('revoke', 'demo/database', MARY, '--kind', 'denial', '--reason', 'back'), { exit: 0 });
  t.equal(await readAs('LOCALMARY', arn), 'read');
  t.match(await sh('restrict', 'demo/api-key', '--organization', 'o-local00001'), { exit: 0 });

  const log = await sh('log', 'demo/database', '--since', '7d');
  t.match(log, { exit: 0, out: /Took back .+back *$/m });
  t.equal(log.out.trim().split('\n').length, 4, 'a line of names, and three changes');
  t.match(await sh('findings'), { exit: 0 });
  t.match(await sh('what', '222222222222'), { exit: 0 });
  t.match(await sh('doctor'), { exit: 0, out: /service +ready/ });

  const rows = ['secretId,principal,expiresIn', `demo/database,${APP_ROLE},12h`, 'demo/api-key,"222222222222",30d'];
  const bulk = await sh('bulk', '-f', write('shares.csv', rows.join('\n')), '--wait', '--reason', 'move');
  t.match(bulk, { exit: 0, out: /2 done, 0 already so/, err: /2 of 2/ });

  const manifest = write('access.yaml', `secrets:\n  demo/database:\n    shares:\n      - principal: ${APP_ROLE}\n`);
  t.match(await sh('plan', '-f', manifest), { exit: 4, out: /^ {2}- share .*Mary/m });
  t.match(await sh('apply', '-f', manifest), { exit: 0, out: /1 done/ });
  t.match(await sh('plan', '-f', manifest), { exit: 0, out: /Nothing to do/ });
  t.equal(await readAs('LOCALMARY', arn), 'AccessDeniedException');

  const unknown = await sh('share', 'demo/database', 'Mary');
  t.match(unknown, { exit: 2, out: '', err: /\(validation-failed, request / });
  const forPrograms = await sh('--json', 'who', 'nothing');
  t.equal(forPrograms.exit, 2);
  t.match(JSON.parse(forPrograms.out), { code: 'secret-not-found' });
  t.match(await sh('share', 'demo/database', MARY, '--denny'), { exit: 1, err: /unknown option '--denny'/ });
  t.match(await sh('--help'), { exit: 0, out: /Exit codes/ });
  t.match(await shell({ SECRET_ACCESS_URL: 'http://127.0.0.1:9' })('doctor'), { exit: 1, err: /fetch failed/ });
});

t.test('a reader asks, an owner says yes', async (t) => {
  const { app, keys } = await buildWithCallers(t, {
    rita: { scopes: ['access:request'] },
    olga: { groups: ['payments'] },
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const rita = shell({ SECRET_ACCESS_URL: url, SECRET_ACCESS_API_KEY: keys.rita });
  const config = write('olga.json', JSON.stringify({ url, apiKeyFile: write('olga.key', `${keys.olga}\n`) }));
  const olga = shell({ SECRET_ACCESS_CONFIG: config });
  const request = await rita('request', 'demo/database', MARY, '--for', '30d', '--reason', 'report');
  t.match(request, { exit: 3, out: /Waits for somebody of the group payments/ });
  t.match(await rita('share', 'demo/database', MARY), { exit: 2, err: /forbidden/ });
  const [, id = ''] = /secret-access approve (\S+)/.exec(request.out) ?? [];
  t.match(await olga('approve'), { exit: 0, out: new RegExp(`^${id} +rita`, 'm') });
  t.match(await olga('approve', id, '--action', 'secretsmanager:GetSecretValue'), { exit: 0 });
  t.match(await olga('reject', id, '--reason', 'no'), { exit: 2, err: /approval-closed/ });
});

t.test('who calls, and where, is told by the environment or a file, and by nothing that is wrong', (t) => {
  const none = join(directory, 'none.json');
  const config = write('me.json', JSON.stringify({ url: 'https://there.test/', token: 'of-the-file' }));
  const read = (env: Record<string, string>) => readSettings({ SECRET_ACCESS_CONFIG: config, ...env });
  t.strictSame(read({}), { url: 'https://there.test', credentials: { bearer: 'of-the-file' } });
  t.strictSame(read({ SECRET_ACCESS_API_KEY: 'k' }).credentials, { apiKey: 'k' }, 'the environment comes first');
  t.strictSame(read({ SECRET_ACCESS_CONFIG: none }), { url: 'http://127.0.0.1:3000', credentials: {} });
  t.throws(() => read({ SECRET_ACCESS_URL: 'ftp://x' }), /SECRET_ACCESS_URL takes/);
  t.throws(() => read({ SECRET_ACCESS_URL: 'https://me:word@x' }), /without a user/);
  t.throws(() => readSettings({ SECRET_ACCESS_CONFIG: write('bad.json', '{') }), /is not JSON/);
  t.throws(() => readSettings({ SECRET_ACCESS_CONFIG: write('odd.json', '{"key":"x"}') }), /key is not known/);
  t.end();
});

t.test('a table is read as a spreadsheet writes it', (t) => {
  t.strictSame(readCsv('\ufeffa,b\r\n"1,""x""",2\r\n,3\n'), [{ a: '1,"x"', b: '2' }, { b: '3' }]);
  t.throws(() => readCsv('a,b\n1\n'), /Row 2 has 1 cells/);
  t.throws(() => readCsv(''), /empty/);
  t.end();
});
