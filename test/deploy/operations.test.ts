import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { connect } from '../../src/database/connect.ts';
import { createCheckpoints } from '../../src/database/journal/verification/checkpoints.ts';
import { CHILD_ENV } from '../child-env.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';

/** Does what docs/operations.md says, word for word, with a directory of the test in the place of /data. */
const document = readFileSync('docs/operations.md', 'utf8');
const commands = new Map(
  [...document.matchAll(/^```sh (\S+)\n(.*?)^```$/gms)].map(([, name = '', script = '']) => [name, script]),
);
const data = t.testdir({});

async function perform(name: string): Promise<string> {
  const script = commands.get(name);
  if (script === undefined) throw new Error(`docs/operations.md has no commands ${name}`);
  commands.delete(name);
  const env = { ...CHILD_ENV, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` };
  const { stdout } = await promisify(execFile)('sh', ['-euc', script.replaceAll('/data/', `${data}/`)], { env });
  return stdout;
}

const env = { DATABASE_URL: `sqlite:${data}/audit.db` };
const events = async ({ call }: Awaited<ReturnType<typeof build>>): Promise<number> =>
  (await call('GET', '/v1/audit-events')).json.items.length;

t.test('the audit journal is kept, copied, archived and put back as the guide says', async (t) => {
  await perform('checkpoint-key');
  const service = await build(t, { env });
  const shares = '/v1/secrets/demo%2Fdatabase/shares';
  await service.call('POST', shares, { principal: MARY });
  t.match(await perform('backup-sqlite'), /intact {2}journal: 2 events/, 'a copy is made while the service runs');

  await service.call('POST', shares, { principal: APP_ROLE });
  t.match(await perform('verify'), /intact {2}journal: 4 events/);

  const database = await connect(env.DATABASE_URL, { as: 'tool' });
  const privateKey = createPrivateKey(readFileSync(`${data}/checkpoint-key.pem`));
  const file = `${data}/checkpoints.ndjson`;
  const onError = (error: unknown) => t.error(error);
  const clock = () => new Date();
  await createCheckpoints({ database, clock, privateKey, file, every: 1, onError }).take();
  await database.close();
  t.match(await perform('verify-checkpoints'), /intact {2}journal: 4 events/);

  t.match(
    await perform('archive'),
    /Archived 4 events to .*intact {2}archives: 4 events.*intact {2}journal: 0 events/s,
  );
  t.equal(await events(service), 0, 'what is archived is out of the API');

  await service.app.close();
  t.match(await perform('restore-sqlite'), /intact {2}journal: 2 events/);
  const restored = await build(t, { env });
  t.equal(await events(restored), 2, 'the journal is as it was when it was copied');
  t.strictSame([...commands.keys()], [], 'no command of the guide is left untried');
});
