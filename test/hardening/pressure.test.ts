import { setTimeout as sleep } from 'node:timers/promises';
import fastify from 'fastify';
import t from 'tap';
import pressure from '../../plugins/limits/pressure.ts';
import problems from '../../plugins/problems/index.ts';
import { eventually } from '../wait.ts';

const app = fastify();
await app.register(problems);
await app.register(pressure, { maxDelayMs: 100, sampleMs: 500 });
app.get('/work', async () => 'done');
app.post('/denials', { config: { takesAway: true } }, async () => 'denied');
app.get('/probe', { config: { probe: true } }, async () => 'alive');
await app.ready();
t.teardown(() => app.close());

t.test('work is refused while the event loop lags, probes are answered, and then all is well again', async (t) => {
  await untilItAnswers(200);
  // Several of these in one sample: as long as a sample, they could take the place of every measurement.
  const lag = setInterval(() => {
    const until = performance.now() + 130;
    while (performance.now() < until);
  }, 1);
  const refused = await untilItAnswers(503);
  const probe = await app.inject('/probe');
  const denied = await app.inject({ method: 'POST', url: '/denials' });
  clearInterval(lag);
  t.equal(denied.statusCode, 200, 'what takes access away is done all the same');
  t.equal(refused.statusCode, 503);
  t.match(refused.json(), { code: 'overloaded', retryable: true });
  t.equal(refused.headers['retry-after'], '2');
  t.equal(probe.statusCode, 200);
  await t.resolves(untilItAnswers(200));
});

t.test('a start that held the event loop for long is no pressure', async (t) => {
  const late = fastify();
  t.teardown(() => late.close());
  await late.register(problems);
  await late.register(pressure, { maxDelayMs: 100, sampleMs: 200 });
  late.get('/work', async () => 'done');
  await late.register(async () => {
    for (let step = 0; step < 3; step += 1) {
      const until = performance.now() + 200;
      while (performance.now() < until);
      await sleep(15);
    }
  });
  t.equal((await late.inject('/work')).statusCode, 200);
});

/** A sample is late, or measures nothing, where the machine is busy with something else. */
function untilItAnswers(status: number) {
  return eventually(async () => {
    const answer = await app.inject('/work');
    if (answer.statusCode !== status) throw new Error(`it answers ${answer.statusCode}`);
    return answer;
  });
}
