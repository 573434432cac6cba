import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pino from 'pino';
import t, { type Test } from 'tap';
import { createKey } from '../../bin/new-api-key.ts';
import { createAuthenticator } from '../../src/authentication/index.ts';
import type { KeyEntry } from '../../src/authentication/key-file.ts';
import { scryptDigest } from '../../src/authentication/key-hash.ts';
import { until } from '../wait.ts';

const bob = await createKey({ subject: 'bob', groups: ['payments'], scopes: ['policy:write'] }, 'sha256');
const eve = await createKey({ subject: 'eve', groups: [], scopes: ['policy:read'] }, 'scrypt');

/** An authenticator over a keys file, a clock that the test moves, and what was logged. */
async function setUp(t: Test, content: unknown) {
  const file = join(t.testdir({}), 'keys.json');
  const write = (value: unknown) => writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  write(content);
  let now = new Date('2026-01-01T00:00:00Z');
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const authenticator = await createAuthenticator({ mode: 'api-key', file }, { clock: () => now, log });
  t.teardown(() => authenticator.close());
  return {
    file,
    write,
    lines,
    moveTo: (time: string) => {
      now = new Date(time);
    },
    authenticate: authenticator.authenticate,
    ask: (apiKey: string, address = '192.0.2.1') => authenticator.authenticate({ apiKey, address }),
  };
}
const refused = (message: RegExp) => ({ code: 'unauthenticated', message });

t.test('a key is taken from x-api-key or Authorization, and tells who calls', async (t) => {
  const { authenticate, ask } = await setUp(t, [eve.entry, bob.entry]);
  const identity = {
    subject: 'bob',
    issuer: null,
    method: 'apiKey',
    groups: ['payments'],
    scopes: ['policy:write'],
  } as const;
  t.strictSame(await ask(bob.key), identity);
  t.strictSame(await authenticate({ authorization: `Bearer ${bob.key}` }), identity);
  t.strictSame(await authenticate({ authorization: `ApiKey ${bob.key}` }), identity);
  t.match(await ask(eve.key), { subject: 'eve', method: 'apiKey' }, 'a scrypt key');
});

t.test('no key, a wrong key and what merely resembles a key are refused', async (t) => {
  const { authenticate, ask, lines } = await setUp(t, [bob.entry, eve.entry]);
  await t.rejects(authenticate({}), refused(/An API key is needed/));
  await t.rejects(authenticate({ authorization: `Basic ${bob.key}` }), refused(/An API key is needed/));
  const near = `${bob.key.slice(0, -1)}${bob.key.endsWith('A') ? 'B' : 'A'}`;
  for (const key of [
    '',
    'x',
    near,
    `${bob.key} `,
    bob.key.toLowerCase(),
    bob.entry.hash,
    bob.entry.id,
    'x'.repeat(513),
  ]) {
    await t.rejects(ask(key), refused(/^The API key is not known\.$/), key.slice(0, 12));
  }
  t.notMatch(lines.join(), bob.key);
});

t.test('an expired key is refused from the moment that it expires', async (t) => {
  const { ask, moveTo } = await setUp(t, [{ ...bob.entry, expiresAt: '2026-06-01T02:00:00+02:00' }]);
  moveTo('2026-05-31T23:59:59.999Z');
  await t.resolves(ask(bob.key));
  moveTo('2026-06-01T00:00:00Z');
  await t.rejects(ask(bob.key), refused(/has expired/));
});

t.test('a changed file is in force within seconds; a bad one leaves the keys before in force', async (t) => {
  const { ask, write, file, lines } = await setUp(t, [bob.entry]);
  const works = (key: string) =>
    ask(key).then(
      () => true,
      () => false,
    );
  write([eve.entry]);
  await until(() => works(eve.key));
  t.equal(await works(bob.key), false, 'a key taken out');
  const problems = () => lines.filter((line) => line.includes('not reloaded'));
  write('[{');
  await until(() => problems().length >= 1);
  t.equal(await works(eve.key), true);
  rmSync(file);
  await until(() => problems().length >= 2);
  t.equal(await works(eve.key), true);
  write([]);
  await until(async () => !(await works(eve.key)));
  t.notMatch(lines.join(), eve.key);
  t.notMatch(lines.join(), eve.entry.hash);
});

t.test('a bad file stops the start with one line that names file and entry', async (t) => {
  const { id: _, ...nameless } = bob.entry;
  const bad: [content: unknown, message: RegExp][] = [
    ['{"secret":', /keys\.json: not JSON$/],
    [{ keys: [] }, /keys\.json: the file takes a JSON array/],
    [[bob.entry, null], /keys\.json: entry 2: must be object/],
    [[nameless], /keys\.json: entry 1: .*id/],
    [[{ ...bob.entry, scope: 'x' }], new RegExp(`entry 1 \\("${bob.entry.id}"\\): scope is no field`)],
    [[{ ...bob.entry, groups: 'payments' }], /entry 1 .*groups must be array/],
    [[{ ...bob.entry, subject: 'a\nb' }], /entry 1 .*subject must match/],
    [[{ ...bob.entry, hash: 'plaintext-key' }], /entry 1 .*hash takes sha256:64 HEX DIGITS/],
    [[{ ...bob.entry, hash: eve.entry.hash.replace(':15:', ':20:') }], /entry 1 .*LOG2N 12 to 15/],
    [[{ ...bob.entry, expiresAt: 'tomorrow' }], /entry 1 .*expiresAt must match/],
    [[{ ...bob.entry, expiresAt: '2026-13-45T00:00:00Z' }], /entry 1 .*expiresAt is no such date/],
    [[bob.entry, { ...eve.entry, id: bob.entry.id }], /entry 2 .*the id is given twice/],
    [[bob.entry, { ...bob.entry, id: 'other' }], /entry 2 \("other"\): the hash is given twice/],
    [
      Array.from({ length: 9 }, (_, i) => ({
        ...eve.entry,
        id: `k${i}`,
        hash: `scrypt:12:${'A'.repeat(22)}:${String(i).repeat(43)}`,
      })),
      /more than 8 scrypt entries/,
    ],
  ];
  for (const [content, message] of bad) {
    const error = await setUp(t, content).then(
      () => t.fail(`must be refused: ${message}`),
      (error: Error) => error.message,
    );
    t.match(error, message);
    t.notMatch(String(error), /\n|plaintext-key/);
  }
  await t.rejects(
    createAuthenticator(
      { mode: 'api-key', file: join(t.testdirName, 'missing.json') },
      { clock: () => new Date(), log: pino({ level: 'silent' }) },
    ),
    /^API_KEYS_FILE is ".*missing\.json"; it takes/,
  );
});

t.test('a flood of wrong keys against scrypt is turned away, and does not slow sha256 keys', async (t) => {
  const { ask } = await setUp(t, [bob.entry, eve.entry]);
  await ask(eve.key);
  const flood = Promise.allSettled(Array.from({ length: 60 }, (_, i) => ask(`wrong-${i}`)));
  let isOver = false;
  void flood.then(() => {
    isOver = true;
  });
  await Promise.all(Array.from({ length: 100 }, () => ask(bob.key)));
  await ask(eve.key);
  t.notOk(isOver, 'right keys, the scrypt one proven before, do not wait for the wrong ones');
  const codes = (await flood).map((answer) => (answer.status === 'rejected' ? answer.reason.code : 'accepted'));
  t.equal(codes.filter((code) => code === 'unauthenticated').length, 17, 'one, and as many as may wait');
  t.equal(codes.filter((code) => code === 'overloaded').length, 43);
});

t.test('wrong keys of one address hold up nobody at another, and are hashed up to a budget only', async (t) => {
  const salt = Buffer.alloc(16, 7);
  const digest = await scryptDigest(eve.key, { log2N: 12, salt });
  const hash = `scrypt:12:${salt.toString('base64url')}:${digest.toString('base64url')}`;
  const { ask, moveTo } = await setUp(t, [{ ...eve.entry, hash }]);
  const order: string[] = [];
  const codeOf = async (key: string, address: string) => {
    const code = await ask(key, address).then(
      ({ subject }) => subject,
      (error) => error.code,
    );
    order.push(`${address} ${code}`);
    return code;
  };
  const flood = Array.from({ length: 10 }, (_, i) => codeOf(`wrong-${i}`, 'flooded'));
  t.equal(await codeOf(eve.key, 'hers'), 'eve');
  t.ok(order.indexOf('hers eve') <= 2, `after one that ran, and one turn: ${order.indexOf('hers eve')}`);
  await Promise.all(flood);
  for (let i = 10; i < 30; i += 1) t.equal(await codeOf(`wrong-${i}`, 'flooded'), 'unauthenticated');
  t.equal(await codeOf('wrong-31', 'flooded'), 'rate-limited');
  t.equal(await codeOf('wrong-32', 'other'), 'unauthenticated', 'others are not touched');
  t.equal(await codeOf(eve.key, 'flooded'), 'eve', 'nor who was known');
  moveTo('2026-01-01T00:01:00Z');
  t.equal(await codeOf('wrong-33', 'flooded'), 'unauthenticated', 'a minute later');
});

t.test('a loop of links in the place of the file leaves the keys before in force', async (t) => {
  const { ask, file, lines } = await setUp(t, [bob.entry]);
  rmSync(file);
  symlinkSync('keys.json', file);
  await until(() => lines.some((line) => line.includes('not reloaded')));
  t.match(await ask(bob.key), { subject: 'bob' });
});

t.test('new-key prints a key once, and an entry with which it works', async (t) => {
  const command = (...args: string[]) => promisify(execFile)(process.execPath, ['bin/new-api-key.ts', ...args]);
  const { stdout } = await command(
    'ci',
    '--groups',
    'a,b',
    '--scopes',
    'policy:read,policy:write',
    '--expires',
    '2030-01-01T00:00:00Z',
  );
  const key = /^sas_[\w-]{43}$/m.exec(stdout)?.[0] ?? '';
  const entry: KeyEntry = JSON.parse(stdout.slice(stdout.indexOf('{')));
  t.equal(entry.hash, `sha256:${createHash('sha256').update(key).digest('hex')}`);
  const { ask } = await setUp(t, [entry]);
  t.match(await ask(key), { subject: 'ci', groups: ['a', 'b'], scopes: ['policy:read', 'policy:write'] });
  await t.rejects(command(), { code: 2, stderr: /exactly one SUBJECT/ });
  await t.rejects(command('ci', '--admin'), { code: 2, stderr: /--admin/ });
  await t.rejects(
    command('ci', '--expires', 'tomorrow'),
    { code: 2, stderr: /^expiresAt / },
    'no entry that stops the start',
  );
  await t.rejects(command('ci', '--expires', '2030-13-01T00:00:00Z'), {
    code: 2,
    stderr: /^expiresAt is no such date/,
  });
  t.match((await command('--help')).stdout, /^node bin\/new-api-key\.ts SUBJECT/);
});
