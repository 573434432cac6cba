import { globSync, readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { testsOf } from './together.ts';

const at = (path: string) => new URL(path, import.meta.url);

t.test('each file of a folder that .taprc leaves out is run by one group, but for what takes minutes', async (t) => {
  const taprc = readFileSync(at('../../.taprc'), 'utf8');
  const leftOut = [...taprc.matchAll(/"test\/\{?([\w,-]+)\}?\/\*\*"/g)].flatMap(([, folders = '']) =>
    folders.split(','),
  );
  const files = leftOut
    .filter((folder) => !['faults', 'console', 'browser'].includes(folder))
    .flatMap((folder) => globSync(`${folder}/**/*.test.ts`, { cwd: at('../') }));
  const groups = readdirSync(at('.')).filter((file) => file.endsWith('.test.ts'));
  const run = groups.flatMap((file) => {
    const [, patterns = ''] = /^await together\((.*)\)/m.exec(readFileSync(at(file), 'utf8')) ?? [];
    return testsOf(...[...patterns.matchAll(/'([^']+)'/g)].map(([, pattern = '']) => pattern));
  });
  t.ok(files.length > 200, `${files.length} files`);
  t.strictSame(run.toSorted(), files.toSorted());
});
