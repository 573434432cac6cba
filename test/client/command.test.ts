import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readCsv } from '../../client/command/csv.ts';
import { run } from '../../client/command/run.ts';
import { readSettings } from '../../client/command/settings.ts';
import { seedSecret } from '../../src/local-aws/seed.ts';
import { buildWithCallers } from '../callers.ts';
import { survey } from '../estate/survey.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';

const directory = mkdtempSync(join(tmpdir(), 'command-'));
t.teardown(() => rmSync(directory, { recursive: true }));
const write = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};

const VALUE = { SecretString: 'not-a-real-secret' };
const PROBLEM = { type: '/problems/x', title: 'x', detail: 'x', code: 'x', requestId: 'r' };

/** The command as a shell runs it; nobody’s own configuration is read. */
const shell =
  (env: Record<string, string>, columns?: number, ask?: (question: string) => Promise<boolean>) =>
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
    return { exit: await run(argv, { ...terminal, columns, ask }), out, err };
  };

t.test('each task is one command', async (t) => {
  const { app, aws, readAs, arnOf } = await build(t);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const sh = shell({ SECRET_ACCESS_URL: url }, 120);
  const arn = await arnOf('demo/database');

  const rehearsal = await sh('share', 'demo/database', MARY, '--for', '30d', '--dry-run');
  t.match(rehearsal, { exit: 0, out: /^If it were done: / });
  t.equal(await readAs('LOCALMARY', arn), 'AccessDeniedException');
  await sh('deny', 'demo/api-key', APP_ROLE);
  const denied = await sh('revoke', 'demo/api-key', APP_ROLE);
  t.match(denied, { exit: 1, err: /no share of .+--kind denial/ }, 'what takes access back never gives it');
  const share = await sh('share', 'demo/database', MARY, '--for', '30d', '--reason', 'report', '--ticket', 'OPS-1');
  t.match(share, { exit: 0, err: '', out: /own account of 123456789999: not known/ });
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
  t.match(await sh('doctor'), { exit: 0, out: /service +ready\ndatabase +ok\nAWS +answered at 20/ });
  const again = await sh('deny', 'demo/api-key', APP_ROLE);
  t.match(again, { exit: 0, out: /^It is so already: / }, 'said once');

  const rows = ['secretId,principal,expiresIn', `demo/database,${APP_ROLE},12h`, 'demo/api-key,"222222222222",30d'];
  const bulk = await sh('bulk', '-f', write('shares.csv', rows.join('\n')), '--wait', '--reason', 'move');
  t.match(bulk, { exit: 0, out: /2 done, 0 already so/, err: /2 of 2/ });

  const secrets = ['demo/database', 'demo/api-key', 'demo/one', 'demo/two', 'demo/three'];
  for (const name of secrets.slice(2)) seedSecret(aws, 'LOCALOWNER', { Name: name, KmsKeyId: 'alias/demo', ...VALUE });
  const accounts = ['444444444444', '555555555555', '666666666666'];
  const each = ['bulk', '--secrets', ...secrets, '--principals', ...accounts];
  const fifteen = await sh(...each, '--for', '30d', '--reason', 'move', '--wait');
  t.match(fifteen, { exit: 0, out: /^15 done, 0 already so/m, err: /15 of 15/ }, 'five secrets with three accounts');
  t.match((await sh('who', 'demo/three')).out, /^arn:aws:iam::666666666666:root +not yet: key +20\d\d-.+move *$/m);
  t.match(await sh(...each, '--wait'), { exit: 0, out: /^15 done/m }, 'for good');
  t.match(await sh(...each, '--what', 'denials', '--dry-run', '--wait'), { exit: 0, out: /^15 would be done/m });
  const partly = await sh('bulk', '--secrets', 'demo/one', 'demo/on', '--principals', MARY, '--wait');
  t.match(partly, { exit: 2, out: /^demo\/on +arn:aws:iam::123456789999:user\/Mary +failed +.*no secret/m });
  t.match(await sh('bulk', '--secrets', 'demo/one'), { exit: 1, err: /^Say --secrets and --principals, or --file/ });
  t.match(await sh(...each, '-f', 'x.csv'), { exit: 1, err: /cannot be used with option '--secrets/ });

  const manifest = write('access.yaml', `secrets:\n  demo/database:\n    shares:\n      - principal: ${APP_ROLE}\n`);
  t.match(await sh('plan', '-f', manifest), { exit: 4, out: /^ {2}- share .*Mary/m });
  t.match(await sh('apply', '-f', manifest), { exit: 0, out: /1 done/ });
  t.match(await sh('plan', '-f', manifest), { exit: 0, out: /Nothing to do/ });
  t.equal(await readAs('LOCALMARY', arn), 'AccessDeniedException');

  t.match(await sh('freeze', 'demo/database', '--dry-run'), { exit: 0, out: /^Would freeze 1 secret\.$/m });
  t.equal(await readAs('LOCALAPP', arn), 'read');
  const frozen = await sh('freeze', 'demo/database', '--reason', 'leaked');
  t.match(frozen, { exit: 0, out: /^standing: incident \S+, 1 of 1 done.\nRotate what may have been read: .*demo/ });
  t.equal(await readAs('LOCALAPP', arn), 'AccessDeniedException');
  const [, incident = ''] = /incident (\S+),/.exec(frozen.out) ?? [];
  t.match(await sh('lift', incident, '--reason', 'all clear'), { exit: 0, out: /^lifted/ });
  t.equal(await readAs('LOCALAPP', arn), 'read');
  t.match(await sh('evict', '222222222222', '--dry-run'), { exit: 0, out: /^Would evict from/ });

  t.match(await sh(...each, '--for', '30d', '--wait'), { exit: 0 });
  t.match(await sh(...each, '--what', 'revocations', '--wait'), { exit: 1, err: /several: say which/ });
  const two = ['bulk', '--secrets', 'demo/one', 'demo/two', '--principals', MARY, '--wait'];
  await sh(...two);
  t.match(await sh(...two, '--what', 'revocations'), { exit: 0, out: /^2 done/m });
  t.notMatch((await sh('who', 'demo/one')).out, /Mary/);

  const set = 'Ops@222222222222';
  t.match(await sh('deny', 'demo/one', '--permission-set', set), { exit: 0, err: '' });
  t.match(await sh('deny', 'demo/two', '--permission-set', set), { exit: 0 });
  const sets = ['bulk', '--secrets', 'demo/one', 'demo/two', '--principals', set, '--what', 'revocations', '--wait'];
  t.match(await sh(...sets), { exit: 1, err: /demo\/one has no share of Ops@222222222222/ }, 'no denial by mistake');
  t.match(await sh(...sets, '--kind', 'denial'), { exit: 0, out: /^2 done/m });
  const fence = ['--ip', '203.0.113.0/24', '--except', '111111111111', '--except-service-linked-roles'];
  const drawn = await sh('--json', 'restrict', 'demo/one', ...fence, '--action', 'secretsmanager:PutSecretValue');
  t.match(JSON.parse(drawn.out), {
    restriction: { actions: ['secretsmanager:PutSecretValue'], exceptServiceLinkedRoles: true },
  });
  t.match(await sh('revoke', 'demo/one', '203.0.113.0/24', '--kind', 'restriction'), { exit: 0 });
  const service = ['--service', 'appflow.amazonaws.com@222222222222'];
  t.match(await sh('share', 'demo/one', ...service, '--dry-run'), { exit: 0, out: /appflow/ });
  t.match(await sh('share', 'demo/one', '--service', 'appflow'), { exit: 1, err: /say appflow\.amazonaws\.com@2/ });
  const all = ['share', 'demo/one', APP_ROLE, '--action', 'secretsmanager:*', '--dry-run'];
  t.match(await sh(...all), { exit: 2, err: /say so: --acknowledge-escalation\./ });
  t.match(await sh(...all, '--acknowledge-escalation'), { exit: 0 });
  const unreadable = ['share', 'demo/default-key', APP_ROLE, '--dry-run'];
  t.match(await sh(...unreadable), { exit: 2, err: /send --acknowledge-unreadable to share all the same/ });
  t.match(await sh(...unreadable, '--acknowledge-unreadable'), { exit: 0 });
  await sh('share', 'demo/two', '444444444444');
  t.match(await sh('who', 'demo/two'), { out: /^arn:aws:iam::444444444444:root +not yet: key/m }, 'by policy alone');
  t.match(await sh('share'), { exit: 1, err: /--help behind it/ });
  t.match(await sh('deny', 'demo/two', MARY, '-n'), { out: /--arn does\./ });
  await sh('deny', 'demo/two', APP_ROLE);
  const against = await sh('share', 'demo/two', APP_ROLE, '--dry-run');
  const [, revoking = ''] =
    /It is ours: secret-access (revoke demo\/two [0-9a-f]{24}) takes it away\./.exec(against.out) ?? [];
  t.match(await sh(...revoking.split(' ')), { exit: 0 }, 'what it says can be done as it is written');

  const unknown = await sh('share', 'demo/database', 'Mary');
  t.match(unknown, { exit: 2, out: '', err: /\(validation-failed, request / });
  const forPrograms = await sh('--json', 'who', 'nothing');
  t.equal(forPrograms.exit, 2);
  t.match(JSON.parse(forPrograms.out), { code: 'secret-not-found' });
  t.match(await sh('share', 'demo/database', MARY, '--denny'), { exit: 1, err: /unknown option '--denny'/ });
  t.match(await sh('--help'), { exit: 0, out: /Exit codes/ });
  const gone = await shell({ SECRET_ACCESS_URL: 'http://127.0.0.1:9' })('doctor');
  t.match(gone, { exit: 1, err: /^No answer came from http:\/\/127\.0\.0\.1:9: .+ is SECRET_ACCESS_URL right\?$/m });
});

const CAREFULLY = `@id("carefully") @approval("secret-admins") permit (principal, action in Action::"incident", resource)
  when { principal.groups.contains("careful") };`;

t.test('whom, under which conditions, and who is spared can be said as the service takes it', async (t) => {
  const { app, call } = await build(t);
  const sh = shell({ SECRET_ACCESS_URL: await app.listen({ host: '127.0.0.1', port: 0 }) }, 120);
  const set = { name: 'Ops@Night', account: '222222222222' };
  t.match(await sh('share', 'demo/api-key', '--permission-set', 'Ops@Night@222222222222', '--stage', 'AWSCURRENT'), {
    exit: 0,
  });
  t.match(
    await sh('share', 'demo/api-key', MARY, '--match-tag', 'team', 'cost-center', '--tag', 'site=a=b', '--tag', 'x=y'),
    { exit: 0 },
  );
  const { items: shares } = (await call('GET', '/v1/secrets/demo%2Fapi-key/shares')).json;
  t.match(shares, [
    { permissionSet: set, conditions: { versionStages: ['AWSCURRENT'] } },
    { principal: MARY, conditions: { matchTags: ['cost-center', 'team'], principalTags: { site: 'a=b', x: 'y' } } },
  ]);
  t.match(
    await sh(
      ...['restrict', 'demo/api-key', '--match-tag', 'team', '--except-permission-set', 'Ops@Night@222222222222'],
      ...['--except-service', 'appflow.amazonaws.com'],
    ),
    { exit: 0 },
  );
  const { items } = (await call('GET', '/v1/secrets/demo%2Fapi-key/restrictions')).json;
  const exceptServices = ['appflow.amazonaws.com'];
  t.match(items, [{ boundary: { matchTag: 'team' }, exceptPermissionSets: [set], exceptServices }]);
  const wrong = await sh('share', 'demo/api-key', '--permission-set', 'Ops');
  t.match(wrong, { exit: 1, err: /say Ops@222222222222/ });
  t.match(await sh('share', 'demo/api-key'), { exit: 2, err: /principal/ }, 'nobody is named');
});

t.test('freeze, evict and lift end by what is done: all, not all, or waiting for a second person', async (t) => {
  const people = {
    oncall: { scopes: ['incident:write'] },
    careful: { groups: ['careful'], scopes: ['policy:read'] },
    ann: { groups: ['secret-admins'] },
  };
  const { app, aws, as, keys } = await buildWithCallers(t, people, { policies: { 'careful.cedar': CAREFULLY } });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const oncall = shell({ SECRET_ACCESS_URL: url, SECRET_ACCESS_API_KEY: keys.oncall });
  const careful = shell({ SECRET_ACCESS_URL: url, SECRET_ACCESS_API_KEY: keys.careful });
  await as('ann').post('/v1/secrets/demo%2Fdatabase/shares', { principal: APP_ROLE });
  await survey({ call: as('ann').call });
  const incidentOf = ({ out }: { out: string }): string => /incident (\S+),/.exec(out)?.[1] ?? '';

  const partly = await oncall('freeze', 'demo/api-key', 'nothing');
  t.match(partly, { exit: 2, out: /^standing: .* 1 of 2 done\.\nNOT DONE.*\nnothing /s });
  const put = (ResourcePolicy: string) =>
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutResourcePolicy', {
      ...{ SecretId: 'demo/api-key', ResourcePolicy },
    });
  const { policy } = (await as('ann').get('/v1/secrets/demo%2Fapi-key/policy')).json;
  const had = JSON.stringify(policy);
  put(had.replaceAll('secretsmanager:GetSecretValue', 'secretsmanager:GetSecret*'));
  const left = await oncall('lift', incidentOf(partly));
  t.match(left, {
    exit: 2,
    out: /^partlyLifted: .*NOT LIFTED.*takes out the statements whose Sid begins with Incident/s,
  });
  put(had);
  t.match(await oncall('lift', incidentOf(partly)), { exit: 0, out: /^lifted/ });

  const evicted = await oncall('evict', '222222222222');
  t.match(evicted, { exit: 0, out: /^standing/ });
  t.match(await oncall('lift', incidentOf(evicted)), { exit: 0, out: /^lifted/ });
  t.match(await careful('freeze', 'demo/database'), { exit: 3, out: /0 of 1 done/ });
  t.match(await oncall('lift', 'none'), { exit: 2, err: /incident-not-found/ });
  t.match(await oncall('freeze', 'demo/database', '--account', '111111111111'), { exit: 2, err: /validation-failed/ });
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
  const shown = await olga('approve', id);
  t.match(
    shown,
    { exit: 3, out: /^If it were done: .*Mary gains secretsmanager:.*\n.*own account of .*--etag/s },
    'nobody said yes to what nobody saw',
  );
  t.match(await rita('request', 'demo/database', APP_ROLE, '--for', '1h', '--reason', 'x'), { exit: 3 });
  const [, etag = ''] = /--etag (\S+)/.exec(shown.out) ?? [];
  t.match(await olga('approve', id, '--etag', 'another'), { exit: 2, err: /policy-changed/ });
  t.match(await olga('approve', id, '--action', 'secretsmanager:GetSecretValue', '--etag', etag), { exit: 0 });
  t.match(await olga('approve', id), { exit: 1, err: /It is applied already/ });
  const other = /^(\S+) +rita/m.exec((await olga('approve')).out)?.[1] ?? '';
  const questions: string[] = [];
  const terminal = (yes: boolean) =>
    shell({ SECRET_ACCESS_CONFIG: config }, 120, async (question) => {
      questions.push(question);
      return yes;
    });
  t.match(await terminal(false)('approve', other), { exit: 3, out: /app gains/ });
  t.match(await terminal(true)('approve', other), { exit: 0 });
  t.equal(questions.length, 2);
  const third = await rita('request', 'demo/database', MARY, '--for', '1h', '--reason', 'x');
  const [, mine = ''] = /secret-access approve (\S+)/.exec(third.out) ?? [];
  t.match(await rita('withdraw', mine), { exit: 0, out: /^Withdrawn/ });
  t.match(await olga('reject', id, '--reason', 'no'), { exit: 2, err: /approval-closed/ });
});

t.test('who calls, and where, is told by the environment or a file, and by nothing that is wrong', (t) => {
  const none = join(directory, 'none.json');
  const config = write('me.json', JSON.stringify({ url: 'https://there.test/', token: 'of-the-file' }));
  const read = (env: Record<string, string>) => readSettings({ SECRET_ACCESS_CONFIG: config, ...env });
  t.strictSame(read({}), { url: 'https://there.test', credentials: { bearer: 'of-the-file' } });
  const elsewhere = { SECRET_ACCESS_URL: 'https://other.test' };
  t.strictSame(read(elsewhere), { url: 'https://other.test', credentials: {} }, 'no key of the file goes there');
  t.throws(() => read({ SECRET_ACCESS_API_KEY: 'k' }), /API_KEY says who calls, and .*me\.json where/, 'nor one there');
  t.strictSame(read({ ...elsewhere, SECRET_ACCESS_API_KEY: 'k' }).credentials, { apiKey: 'k' });
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
  t.strictSame(readCsv('a,b\n1,'), [{ a: '1' }], 'an empty cell at the end');
  for (const cut of ['a,b\nthe "new" one,2\n', 'a,b\n"1"x,2', 'a,b\n"1,2'])
    t.throws(() => readCsv(cut), /Row 2, cell 1: a cell with quotes/, 'nothing is cut off in silence');
  t.end();
});

t.test('what others wrote steers no terminal, wherever it is printed', async (t) => {
  const detail = 'no \u001b]0;owned\u0007 \u009b2J \u202egnol\nDone.';
  const url = await answering(t, () => [422, { ...PROBLEM, status: 422, title: detail, detail, retryable: false }]);
  for (const argv of [
    ['who', 'x'],
    ['--json', 'who', 'x'],
  ]) {
    const { exit, out, err } = await shell({ SECRET_ACCESS_URL: url }, 80)(...argv);
    t.equal(exit, 2);
    t.notMatch(`${out}${err}`, /(?!\n)[\p{Cc}\u202e]/u);
    t.notMatch(`${out}${err}`, /^Done/m);
  }
  const { out } = await shell({ SECRET_ACCESS_URL: url }, 80)('--json', 'who', 'x');
  t.equal(JSON.parse(out).detail, detail, 'JSON says the same');
});

t.test('what may pass is waited for, and ends as failed, not as refused', async (t) => {
  let calls = 0;
  const operation = { id: 'one', finishedAt: null, status: 'running', counts: { total: 1, pending: 0, running: 1 } };
  const counts = {
    total: 1,
    pending: 0,
    running: 0,
    applied: 1,
    unchanged: 0,
    failed: 0,
    cancelled: 0,
    awaitingApproval: 0,
  };
  const url = await answering(t, (method, path) => {
    if (method === 'POST') return [202, operation];
    calls += 1;
    if (calls === 1 || calls === 4) return [503, { ...PROBLEM, status: 503, retryable: true }];
    if (path.endsWith('/items')) return [200, { items: [], nextCursor: null }];
    return [200, calls === 2 ? operation : { ...operation, counts, status: 'done', finishedAt: 'now' }];
  });
  const file = write('one.csv', 'secretId,principal\nx,222222222222\n');
  t.match(await shell({ SECRET_ACCESS_URL: url })('bulk', '-f', file, '--wait'), { exit: 0, out: /^1 done/m });
  t.equal(calls, 5);
  const busy = await answering(t, () => [409, { ...PROBLEM, status: 409, retryable: true }]);
  t.match(await shell({ SECRET_ACCESS_URL: busy })('who', 'x'), { exit: 1 });
});

t.test('a key that no header can hold is not printed', async (t) => {
  const url = 'http://127.0.0.1:9';
  const { exit, out, err } = await shell({ SECRET_ACCESS_URL: url, SECRET_ACCESS_API_KEY: 'sa_key\nof mine' })(
    'who',
    'x',
  );
  t.equal(exit, 1);
  t.match(err, /line break/);
  t.notMatch(`${out}${err}`, /sa_key|of mine/);
});

/** Somebody who answers so. */
async function answering(t: Test, answer: (method: string, path: string) => [number, object]): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      const [status, body] = answer(request.method ?? '', request.url ?? '');
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.teardown(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
