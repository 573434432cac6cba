import { join } from 'node:path';
import t from 'tap';
import { samePolicy } from '../../src/policy/canonical.ts';
import { type PolicyDocument, statementsOf } from '../../src/policy/document.ts';
import { gate, until } from '../wait.ts';
import { startBed } from './bed.ts';
import { startInProcess } from './in-process.ts';
import { startService } from './service-process.ts';

const SECRET = { SecretId: 'demo/database' };
const SECRETS = ['demo/database', 'demo/api-key', 'demo/default-key'];

type Answer = { id: string; status: string; items: { secret: { arn: string | null } }[] };

const isFrozen = (policy: PolicyDocument | null) =>
  statementsOf(policy).filter(({ Sid = '' }) => Sid.startsWith('Incident')).length;

for (const when of ['before', 'after'] as const)
  t.test(`a freeze whose process is killed ${when} a Put is done by the next, once each, and lifted`, async (t) => {
    const bed = await startBed(t);
    const database = `sqlite:${join(t.testdir({}), 'audit.db')}`;
    const start = () => startService(t, { database, endpoint: bed.proxy.url });
    let service = await start();
    const call = async (method: string, path: string, body?: object): Promise<Answer> => {
      const payload = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      const answer = await fetch(new URL(path, service.url), { method, ...payload });
      return (await answer.json()) as Answer;
    };
    const before = SECRETS.map((secret) => bed.policyAt(secret));
    const { promise: died, resolve } = Promise.withResolvers<void>();
    const answered = gate();
    const run = async () => {
      await answered.passed;
      await service.kill();
      resolve();
    };
    bed.proxy.inject('PutResourcePolicy', { do: 'hook', when, run }, (n) => n === 2);
    const { id } = await call('POST', '/v1/incidents', { freeze: { secretIds: SECRETS }, reason: 'Leaked' });
    answered.open();
    await died;
    service = await start();
    const statusIs = (...wanted: string[]) =>
      until(async () => wanted.includes((await call('GET', `/v1/incidents/${id}`)).status));
    await statusIs('standing');
    const incident = await call('GET', `/v1/incidents/${id}`);
    t.match(incident, { notDone: [], operation: { counts: { total: 3, applied: 3 } } });
    t.strictSame(
      SECRETS.map((secret) => isFrozen(bed.policyAt(secret))),
      [1, 1, 1],
    );
    await call('POST', `/v1/incidents/${id}/lift`, {});
    await statusIs('lifted', 'partlyLifted');
    t.match(await call('GET', `/v1/incidents/${id}`), { status: 'lifted', lift: { counts: { applied: 3 } } });
    t.ok(SECRETS.every((secret, at) => samePolicy(bed.policyAt(secret), before[at] ?? null)));
    const { items } = await call('GET', '/v1/audit-events?action=freeze&outcome=applied&limit=100');
    const ofSecrets = items.filter(({ secret }) => secret.arn !== null);
    t.equal(ofSecrets.length, 3, 'each was frozen once');
  });

t.test('a lift stops what is still to be done, waits for what is under way, and undoes what was done', async (t) => {
  const { call, proxy } = await startInProcess(t, {});
  const held = gate();
  const hold = async ({ body }: { body: string }) => {
    if (body.includes('api-key')) await held.passed;
  };
  proxy.inject('PutResourcePolicy', { do: 'hook', run: hold });
  const { json: begun } = await call('POST', '/v1/incidents', { freeze: { secretIds: SECRETS } });
  const path = `/v1/incidents/${begun.id}`;
  await until(async () => (await call('GET', path)).json.operation.counts.applied === 2);
  const lifting = call('POST', `${path}/lift`, {});
  await until(async () => (await call('GET', path)).json.operation.status === 'cancelling');
  held.open();
  t.equal((await lifting).status, 202);
  await until(async () => (await call('GET', path)).json.status === 'lifted');
  t.match((await call('GET', path)).json.lift.counts, { total: 3, applied: 3 });
  t.equal((await call('GET', '/v1/audit-events?action=cancelOperation')).json.items.length, 1);
});

t.test('one lift at a time, and ten incidents of one caller', async (t) => {
  const { call, proxy } = await startInProcess(t, {});
  const freeze = { freeze: { secretIds: ['demo/api-key'] } };
  const { json: begun } = await call('POST', '/v1/incidents', freeze);
  const path = `/v1/incidents/${begun.id}`;
  await until(async () => (await call('GET', path)).json.status === 'standing');
  const held = gate();
  proxy.inject('PutResourcePolicy', { do: 'hook', run: () => held.passed });
  const answers = await Promise.all([call('POST', `${path}/lift`, {}), call('POST', `${path}/lift`, {})]);
  t.strictSame(answers.map(({ status }) => status).toSorted(), [202, 409]);
  t.match(
    answers.find(({ status }) => status === 409),
    { json: { code: 'incident-running' } },
  );
  for (let open = 0; open < 10; open += 1) t.equal((await call('POST', '/v1/incidents', freeze)).status, 202);
  t.match(await call('POST', '/v1/incidents', freeze), { status: 429, json: { code: 'rate-limited' } });
  held.open();
  await until(async () => (await call('GET', path)).json.status === 'lifted');
});

t.test('what landed although its answer was lost, and the next look failed, is lifted', async (t) => {
  const { call, proxy, aws } = await startInProcess(t, {});
  const before = JSON.stringify(aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'GetResourcePolicy', SECRET));
  proxy.inject('PutResourcePolicy', { do: 'drop', when: 'after' });
  proxy.inject('GetResourcePolicy', { do: 'answer', status: 400, error: 'AccessDeniedException' }, (n) => n > 1);
  const { json: begun } = await call('POST', '/v1/incidents', { freeze: { secretIds: [SECRET.SecretId] } });
  const path = `/v1/incidents/${begun.id}`;
  await until(async () => (await call('GET', path)).json.status === 'standing');
  t.match((await call('GET', path)).json, { notDoneTotal: 1, notDone: [{ reason: 'failed' }] });
  proxy.clear();
  t.equal((await call('POST', `${path}/lift`, {})).status, 202);
  await until(async () => ['lifted', 'partlyLifted'].includes((await call('GET', path)).json.status));
  t.match((await call('GET', path)).json, { status: 'lifted' });
  t.equal(JSON.stringify(aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'GetResourcePolicy', SECRET)), before);
});
