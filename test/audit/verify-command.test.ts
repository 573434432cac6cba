import { execFile, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import t, { type Test } from 'tap';
import { connect } from '../../src/database/connect.ts';
import { archive } from '../../src/database/journal/retention.ts';
import { createCheckpoints } from '../../src/database/journal/verification/checkpoints.ts';
import { draft, outcome } from './draft.ts';
import { patientJournal } from './patient-journal.ts';

const command = fileURLToPath(new URL('../../bin/audit-verify.ts', import.meta.url));

const run = async (url: string | undefined, ...options: string[]) => {
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [command, ...options], {
    env: url === undefined ? env : { ...env, DATABASE_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, output: stdout + stderr };
};

/** A running service with six events, of which two are archived, and a checkpoint. */
const service = async (t: Test) => {
  const directory = t.testdir({});
  const url = `sqlite:${join(directory, 'audit.db')}`;
  const database = await connect(url);
  t.teardown(() => database.close());
  let now = new Date('2026-01-01T00:00:00Z');
  const clock = () => now;
  const journal = patientJournal({ database, clock });
  await journal.append([draft(), outcome()]);
  now = new Date('2026-01-02T00:00:00Z');
  await journal.append([draft(), outcome(), draft(), outcome()]);
  const archived = join(directory, 'archive.ndjson');
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  await archive(database, { before: now, file: archived, privateKey });

  const key = join(directory, 'key.pem');
  writeFileSync(key, publicKey.export({ type: 'spki', format: 'pem' }));
  const file = join(directory, 'checkpoints.ndjson');
  const onError = (error: unknown) => t.fail('checkpoint', { error });
  await createCheckpoints({ database, clock, privateKey, file, every: 1, onError }).take();
  return { database, directory, url, archived, key, file };
};

t.test('a whole journal: exit code 0, beside the running service', async (t) => {
  const { url, archived, key, file } = await service(t);
  const whole = /^intact {2}journal: 4 events, after 2 archived ones, last hash [0-9a-f]{64}\n$/;
  t.match(await run(url, '--public-key', key), { code: 0, output: whole });
  t.match(
    await run(url),
    { code: 1, output: /^BROKEN {2}journal: event 2\. .*verify with/ },
    'nothing shows what went',
  );
  const all = await run(url, '--archive', archived, '--public-key', key, '--checkpoints', file);
  t.match(all, { code: 0, output: /^intact {2}archives: 2 events.*\nintact {2}journal: 4 events/ });
});

t.test('a broken journal: exit code 1, and which event', async (t) => {
  const { database, url, archived } = await service(t);
  await sql`drop trigger audit_events_no_update`.execute(database.kysely);
  await sql`update audit_events set document = replace(document, 'alice', 'mallory') where sequence = 5`.execute(
    database.kysely,
  );
  const broken = { code: 1, output: /BROKEN {2}journal: event 5\. .*was changed/ };
  t.match(await run(url, '--archive', archived), broken);
});

t.test('a cut tail is found by the checkpoint', async (t) => {
  const { database, url, key, archived } = await service(t);
  await sql`drop trigger audit_events_no_delete`.execute(database.kysely);
  await sql`drop trigger audit_chain_forward`.execute(database.kysely);
  await sql`delete from audit_events where sequence = 6`.execute(database.kysely);
  await sql`update audit_chain set sequence = 5, hash = (select hash from audit_events where sequence = 5)`.execute(
    database.kysely,
  );
  t.match(await run(url, '--archive', archived), { code: 0 });
  t.match(await run(url, '--public-key', key), { code: 1, output: /BROKEN {2}journal: event 6\. .*checkpoint/ });
});

t.test('an archive that does not lead to the journal: exit code 1', async (t) => {
  const { url, archived, directory } = await service(t);
  t.match(await run(url, '--archive', archived, '--archive', archived), {
    code: 1,
    output: /BROKEN {2}archives: event 3/,
  });
  const empty = join(directory, 'empty.ndjson');
  writeFileSync(empty, '');
  t.match(await run(url, '--archive', empty), { code: 1, output: /BROKEN {2}archives: they end at event 0/ });
});

t.test('what cannot be verified: exit code 2, and why; nothing is created', async (t) => {
  const directory = t.testdir({});
  t.match(await run(`sqlite:${join(directory, 'none.db')}`), { code: 2, output: /There is no database at/ });
  t.match(await run(`sqlite:${join(directory, 'none.db')}`), { code: 2 }, 'still none');
  t.match(await run('postgres://127.0.0.1:1/none'), { code: 2, output: /ECONNREFUSED/ });
  t.match(await run('mysql://x'), { code: 2, output: /must be sqlite:path or postgres/ });
  const { url, key } = await service(t);
  const missing = await run(url, '--public-key', key, '--checkpoints', join(directory, 'none'));
  t.match(missing, { code: 2, output: /ENOENT/ });
  t.match(await run(undefined), { code: 2, output: /Usage: DATABASE_URL=/ });
  t.match(await run('sqlite:x', '--what'), { code: 2, output: /--what/ });
});

t.test('--help says what there is on stdout, and is no failure; so of archiving', async (t) => {
  const help = { code: 0, output: /^Usage: DATABASE_URL=/ };
  t.match(await run(undefined, '--help'), help);
  t.match(await run(undefined, '-h'), help);
  const { stdout } = await promisify(execFile)(process.execPath, [command.replace('verify', 'archive'), '--help']);
  t.match(stdout, help.output);
});
