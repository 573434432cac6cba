import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';

const at = (path: string) => new URL(path, import.meta.url);

t.test('a folder that .taprc leaves out is run by a group, but for what takes minutes', async (t) => {
  const taprc = readFileSync(at('../../.taprc'), 'utf8');
  const leftOut = [...taprc.matchAll(/"test\/\{?([\w,-]+)\}?\/\*\*"/g)].flatMap(([, folders = '']) =>
    folders.split(','),
  );
  const groups = readdirSync(at('.')).filter((file) => file.endsWith('.test.ts'));
  const run = groups.flatMap((file) => {
    const [, folders = ''] = /^await together\((.*)\)/m.exec(readFileSync(at(file), 'utf8')) ?? [];
    return [...folders.matchAll(/'([\w-]+)'/g)].map(([, folder]) => folder);
  });
  t.strictSame(leftOut.toSorted(), [...run, 'faults', 'console'].toSorted());
});
