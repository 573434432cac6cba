import t from 'tap';
import { timesFifty } from '../cpu.ts';
import { build } from '../helper.ts';

/** What anybody may ask for on one connection, all at once, before anybody else is answered. */

const { app } = await build(t);

t.test('while the document is written as YAML others are answered', async (t) => {
  let isAnswered = false;
  const asked = app.inject({ url: '/docs/yaml' }).finally(() => {
    isAnswered = true;
  });
  let turns = 0;
  for (; !isAnswered; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  t.match((await asked).body, /^openapi: /);
  t.ok(turns > 500, `${turns} turns`);
});

for (const [url, times] of [
  ['/docs/yaml', 10],
  ['/docs/json', 20],
  ['/docs/json?pretty', 10],
  ['/metrics', 40],
] as const) {
  t.test(`${url} is not written anew for each who asks for it`, async (t) => {
    const ask = async () => {
      const { statusCode, rawPayload } = await app.inject({ url });
      if (statusCode !== 200 || rawPayload.length < 10_000) throw new Error(`${url} answered ${statusCode}`);
    };
    for (let warm = 0; warm < times; warm += 1) await ask();
    const took = await timesFifty(1, () => Promise.all(Array.from({ length: times }, ask)));
    t.ok(took <= 1, `${times} times ${url}: ${took} times 50 ms`);
  });
}
