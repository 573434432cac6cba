import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { request as ask, type ClientRequest } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import t, { type Test } from 'tap';
import type { PolicyDocument, Statement } from '../../src/policy/document.ts';
import { buildWithCallers } from '../callers.ts';
import { filled, hostileDocuments } from '../policy/hostile-documents.ts';

/** Whatever one caller has judged, the requests of others are answered in between: over HTTP, and in the order of what happens. */

const SECRET = '/v1/secrets/demo%2Fdatabase';
/** Requests of others that are under way all the time. */
const OTHERS = 8;
/** What is answered of them while something is judged: without turns a handful, since nothing comes in between. */
const FEWEST = 40;

const hostile = new Map(hostileDocuments());
const document = (name: string): PolicyDocument => {
  const found = hostile.get(name);
  if (found === undefined) throw new Error(`There is no document of ${name}.`);
  return found;
};

/** As different people as one policy can have, each under conditions of its own. */
const people: PolicyDocument = {
  Version: '2012-10-17',
  Statement: Array.from(
    { length: 60 },
    (_, n): Statement => ({
      Effect: n % 7 === 0 ? 'Deny' : 'Allow',
      Principal: { AWS: `arn:aws:iam::${200_000_000_000 + n}:root` },
      Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
      Resource: '*',
      Condition: {
        StringEquals: { 'aws:PrincipalTag/team': `team-${n}` },
        IpAddress: { 'aws:SourceIp': `10.${n}.0.0/16` },
      },
    }),
  ),
};
const numbers = filled(
  (n) => String(n),
  (values) => ({ Condition: { 'ForAnyValue:NumericEquals': { 'aws:TagKeys': values } } }),
);
/** An account of which everybody is let in but some, who are named by a condition: each of them is judged. */
const some: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: '222222222222' }, Action: 'secretsmanager:GetSecretValue', Resource: '*' },
    {
      ...{ Effect: 'Deny', Principal: '*', Action: 'secretsmanager:GetSecretValue', Resource: '*' },
      Condition: {
        ArnEquals: {
          'aws:PrincipalArn': Array.from({ length: 350 }, (_, n) => `arn:aws:iam::222222222222:role/r${n}`),
        },
      },
    },
  ],
};

type Asked = { method: string; path: string; body?: object };
const put = (body: PolicyDocument): Asked => ({ method: 'PUT', path: `${SECRET}/policy`, body });
const dryRun = (body: PolicyDocument): Asked => ({ method: 'PUT', path: `${SECRET}/policy?dryRun=true`, body });

const REQUESTS: [string, Asked][] = [
  ['a dry run of a document of many people', dryRun(people)],
  ['a document of many people', put(people)],
  ['a dry run of variables', dryRun(document('unknown variables in one text'))],
  ['a dry run of patterns', dryRun(document('wildcards against many values'))],
  ['a dry run of numbers', dryRun(numbers)],
  ['a dry run of denials', dryRun(document('denials of somebody'))],
  ['a document of many exceptions', put(some)],
  ['a check', { method: 'POST', path: `${SECRET}/access-checks`, body: { principal: '222222222222' } }],
  ['who may read', { method: 'GET', path: `${SECRET}/readers?limit=100` }],
];

/** Whether AWS, at this address, is asked something that it has not answered yet. */
function watchAws(t: Test, address: string) {
  const { host } = new URL(address);
  const isToAws = (message: unknown) => (message as { request: ClientRequest }).request.getHeader('host') === host;
  let underWay = 0;
  const watch = (channel: string, change: number) => {
    const listener = (message: unknown) => {
      if (isToAws(message)) underWay += change;
    };
    subscribe(channel, listener);
    t.teardown(() => unsubscribe(channel, listener));
  };
  watch('http.client.request.start', 1);
  watch('http.client.response.finish', -1);
  return () => underWay > 0;
}

t.test('while something is judged for one, others are answered', async (t) => {
  const who = { eve: { groups: ['secret-admins', 'payments', 'platform'] }, bob: {} };
  const { app, as, aws, keys } = await buildWithCallers(t, who);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const asksAws = watchAws(t, aws.url);
  await as('eve').post(`${SECRET}/shares`, { principal: '222222222222' });

  const send = (who: 'eve' | 'bob', { method, path, body }: Asked): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = {
        'x-api-key': keys[who],
        ...(method === 'PUT' && { 'if-match': '*' }),
        ...(body && { 'content-type': 'application/json' }),
      };
      const sent = ask(url + path, { method, headers }, (answer) => {
        answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
      });
      sent.once('error', reject).end(body && JSON.stringify(body));
    });

  for (const [what, asked] of REQUESTS) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    let isDone = false;
    let answered = 0;
    const others = Array.from({ length: OTHERS }, async () => {
      while (!isDone) {
        const status = await send('bob', { method: 'GET', path: '/v1/me' });
        if (status !== 200) t.fail(`others get ${status}`);
        if (!isDone && !asksAws()) answered += 1;
      }
    });
    const status = await send('eve', asked);
    isDone = true;
    await Promise.all(others);
    delay.disable();
    t.comment(`${what}: ${status}, ${answered} answered, at most ${Math.round(delay.max / 1e6)} ms`);
    t.ok(status < 300 || status === 422, `${what}: ${status}`);
    t.ok(answered >= FEWEST, `${what}: ${answered} of others were answered`);
  }
});
