import { statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Store } from '../../src/local-aws/store.ts';

t.test('what another process writes between a read and a write is read again', async (t) => {
  const file = join(t.testdir(), 'aws.db');
  const [store, other] = [new Store(file), new Store(file)];
  const add = (to: Store, text: string) => to.put('uniqueId', 'k', `${to.get('uniqueId', 'k') ?? ''}${text}`);
  let tries = 0;
  store.transaction(() => {
    tries += 1;
    const before = store.get('uniqueId', 'k') ?? '';
    if (tries === 1) other.transaction(() => add(other, 'theirs '));
    store.put('uniqueId', 'k', `${before}ours `);
  });
  t.equal(tries, 2);
  t.equal(
    other.transaction(() => other.get('uniqueId', 'k')),
    'theirs ours ',
  );

  t.throws(() =>
    store.transaction(() => {
      add(store, 'nothing');
      throw new Error('refused');
    }),
  );
  t.equal(
    store.transaction(() => store.get('uniqueId', 'k')),
    'theirs ours ',
    'a refused call leaves no trace',
  );
  store.close();
  other.close();
});

t.test('its owner alone reads the file, and its log', (t) => {
  const file = join(t.testdir(), 'aws.db');
  const store = new Store(file);
  store.transaction(() => store.put('uniqueId', 'k', 'a value'));
  for (const name of [file, `${file}-wal`]) t.equal(statSync(name).mode & 0o777, 0o600, name);
  store.close();
  t.end();
});
