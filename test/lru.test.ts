import t from 'tap';
import { createLru } from '../src/lru.ts';

t.test('keeps what was used last, makes again what it forgot', async (t) => {
  const lru = createLru<{ key: string }>(2);
  const get = (key: string) => lru.get(key, () => ({ key }));
  const [a, b] = [get('a'), get('b')];
  t.equal(get('a'), a);
  get('c');
  t.equal(lru.size, 2);
  t.equal(get('a'), a, 'used later than b');
  t.not(get('b'), b);
});

t.test('does not forget what is busy', async (t) => {
  const busy = new Set(['a']);
  const lru = createLru<string>(1, (value) => !busy.has(value));
  for (const key of ['a', 'b', 'c']) lru.get(key, () => key);
  t.equal(lru.size, 2, 'the busy one and the newest');
  busy.clear();
  lru.get('d', () => 'd');
  t.equal(lru.size, 1);
});

t.test('finds what is kept, which makes it used, and nothing else', async (t) => {
  const lru = createLru<string>(2);
  t.equal(lru.keep('a', 'A'), 'A');
  lru.keep('b', 'B');
  t.equal(lru.find('a'), 'A');
  lru.keep('c', 'C');
  t.equal(lru.find('b'), undefined);
  t.equal(
    lru.get('a', () => 'made'),
    'A',
  );
});

t.test('makes again what it was told to forget', async (t) => {
  const lru = createLru<string>(2);
  lru.keep('a', 'A');
  lru.forget('a');
  t.equal(lru.find('a'), undefined);
});
