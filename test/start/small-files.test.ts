import { execFileSync } from 'node:child_process';
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readKeyFile } from '../../src/authentication/key-file.ts';
import { loadGuardrails } from '../../src/authorization/load.ts';
import { readCommandKeys } from '../../src/database/command-keys.ts';
import { readCheckpointKeys } from '../../src/database/journal/verification/open-checkpoints.ts';
import { readSmallFile } from '../../src/files/small-file.ts';

/** What an operator, or somebody with a hand in the mounted directory, may leave where a file of the configuration is. */
const directory = t.testdir({
  'a directory': {},
  empty: '',
  'a file': 'text',
  'linked-to': 'its text',
  guardrails: {},
});
const at = (name: string) => join(directory, name);
execFileSync('mkfifo', [at('a pipe'), at('guardrails/a.cedar')]);
symlinkSync('a loop', at('a loop'));
symlinkSync('linked-to', at('a link'));
symlinkSync('/dev/zero', at('a device'));
writeFileSync(at('a huge one'), '');
truncateSync(at('a huge one'), 2 ** 30);

const WRONG = ['a directory', 'a pipe', 'a loop', 'a device', 'a huge one', 'empty', 'nothing at all'];

t.test('files of the configuration are read at once, or refused in one line that names them', (t) => {
  const readers = {
    keys: readKeyFile,
    commands: readCommandKeys,
    checkpoints: (path: string) => readCheckpointKeys(path, 'AUDIT_CHECKPOINT_KEY_FILE'),
  };
  for (const [what, read] of Object.entries(readers))
    for (const name of WRONG) {
      const error = t.throws(() => read(at(name)), { message: new RegExp(`${directory}/${name}`) }, `${what}: ${name}`);
      t.notMatch(error instanceof Error ? error.message : '', /\n/);
    }
  t.throws(() => loadGuardrails(at('guardrails')), /a\.cedar/);
  t.equal(readSmallFile(at('a link')), 'its text', 'links are followed: Kubernetes mounts files so');
  t.end();
});
