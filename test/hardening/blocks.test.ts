import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { createLoopTurns } from '../../src/turns/event-loop.ts';
import { timesFifty } from '../cpu.ts';
import { build } from '../helper.ts';

const { app } = await build(t);
const SECRET = '/v1/secrets/demo%2Fdatabase';
const BODY = 131_072;
const BULK_BODY = 1_048_576;

/** Many of one kind, of so many characters together. */
const list = (one: string, length: number) =>
  `[${Array(Math.floor((length - 2) / (one.length + 1)))
    .fill(one)
    .join()}]`;
const names = (length: number) =>
  `{${Array.from({ length: Math.floor(length / 12) }, (_, index) => `"k${10_000 + index}":1`).join()}}`;

const shapes: Record<string, (length: number) => string> = {
  numbers: (length) => list('1', length),
  'numbers that are kept as text': (length) => list('1.0', length),
  'empty objects': (length) => list('{}', length),
  'wrong items': (length) => list('{"secretId":"a","principal":1,"x":2}', length),
  names,
  'one text': (length) => `"${'a'.repeat(length - 2)}"`,
  escapes: (length) => `"${'\\"'.repeat(length / 2 - 2)}"`,
};

const json = (members: object, hole: string) => {
  const [before = '', after = ''] = JSON.stringify(members).split(`"${hole}"`);
  return (value: string) => before + value + after;
};
const share = (name: string) => json({ principal: '222222222222', [name]: '?' }, '?');
const boundary = (name: string) => json({ boundary: { [name]: '?' } }, '?');
const statement = (members: object) =>
  json({ Version: '2012-10-17', Statement: { Effect: 'Allow', Principal: '*', ...members } }, '?');

type Target = ['POST' | 'PUT', string, (value: string) => string, number?];
const targets: Target[] = [
  ['POST', `${SECRET}/shares`, share('actions')],
  ['POST', `${SECRET}/shares`, share('principalTags')],
  ['POST', `${SECRET}/shares`, (value) => value],
  ['POST', `${SECRET}/restrictions`, boundary('principals')],
  ['POST', `${SECRET}/restrictions`, json({ boundary: '?' }, '?')],
  ['PUT', `${SECRET}/policy?dryRun=true`, json({ Version: '2012-10-17', Statement: '?' }, '?')],
  ['PUT', `${SECRET}/policy?dryRun=true`, statement({ Action: '?' })],
  ['PUT', `${SECRET}/policy?dryRun=true`, statement({ Action: '*', Condition: { StringLike: '?' } })],
  ['PUT', `${SECRET}/policy?dryRun=true`, statement({ Action: '*', Condition: { StringLike: { a: '?' } } })],
  ['POST', `${SECRET}/access-checks`, json({ principal: '222222222222', context: '?' }, '?')],
  ['POST', `${SECRET}/access-checks`, json({ principal: '222222222222', identityPolicies: '?' }, '?')],
  ['POST', '/v1/authorization-checks', json({ secretId: 'demo/database', actions: '?' }, '?')],
  ['POST', '/v1/bulk/shares', (value) => value, BULK_BODY],
  ['POST', '/v1/bulk/shares', json({ items: '?' }, '?'), BULK_BODY],
  ['POST', '/v1/bulk/revocations', json({ items: '?' }, '?'), BULK_BODY],
];

/** How many times 50 ms the service computes for one request. */
function cost([method, url, fill, size = BODY]: Target, shape: (length: number) => string): Promise<number> {
  const payload = fill(shape(size - fill('').length));
  const headers = { 'content-type': 'application/json', 'if-match': '*' };
  return timesFifty(1, async () => {
    const { statusCode } = await app.inject({ method, url, headers, payload });
    if (statusCode === 413 || statusCode >= 500) throw new Error(`${url} answered ${statusCode}`);
  });
}

t.test('no body of allowed size holds the process up, however it is filled', async (t) => {
  for (const target of targets) {
    for (const [name, shape] of Object.entries(shapes)) {
      const took = await cost(target, shape);
      t.ok(took <= 1, `${target[1]} ${target[2]('…')} of ${name}: ${took} times 50 ms`);
    }
  }
});

t.test('of a small body all faults are told, of a large one the first', async (t) => {
  const faults = async (principalTags: object) => {
    const payload = { principal: 1, actions: ['x'], principalTags };
    return (await app.inject({ method: 'POST', url: `${SECRET}/shares`, payload })).json().errors.length;
  };
  t.ok((await faults({})) > 2);
  const many = Array.from({ length: 400 }, (_, index) => [`k${index}`, 1]);
  t.equal(await faults(Object.fromEntries(many)), 1);
});

t.test('more than 30,000 values are no body', async (t) => {
  const payload = list('1', 70_000);
  const headers = { 'content-type': 'application/json' };
  const answer = await app.inject({ method: 'POST', url: `${SECRET}/shares`, headers, payload });
  t.match(answer.json(), { status: 400, code: 'malformed-json', detail: /30000 values/ });
});

t.test('a body counts against the caller by its bytes', async (t) => {
  const { app } = await build(t, { env: { RATE_LIMIT_MAX: '40' } });
  const headers = { 'content-type': 'application/json' };
  const send = async (bytes: number) => {
    const payload = `"${'a'.repeat(bytes - 2)}"`;
    return (await app.inject({ method: 'POST', url: '/v1/bulk/shares', headers, payload })).statusCode;
  };
  t.strictSame(await Promise.all([send(BULK_BODY), send(BULK_BODY)]), [400, 400], '32 of 40');
  t.equal(await send(BULK_BODY), 429);
});

t.test('what is worked through one after another lets others come in between', async (t) => {
  const turn = createLoopTurns();
  const order: string[] = [];
  let left = 3;
  for (const name of ['first', 'second', 'third']) {
    turn().then(() => {
      order.push(name);
      left -= 1;
    });
  }
  while (left > 0) {
    await nextTurn();
    order.push('others');
  }
  t.match(order.join(' '), /^(others )*first (others )+second (others )+third/);
});
