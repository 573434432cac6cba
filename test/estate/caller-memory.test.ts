import t from 'tap';
import { createCallerMemory } from '../../src/estate/survey/caller-memory.ts';
import { DomainError } from '../../src/problems/problem.ts';

t.test('an STS that does not say who we are is left alone for a minute, by a survey of all accounts', async (t) => {
  let now = 0;
  let asked = 0;
  let fails = true;
  const callerIn = createCallerMemory(
    async (account) => {
      asked += 1;
      if (fails) throw new DomainError('aws-unreachable', { action: 'sts:GetCallerIdentity' });
      return `arn:aws:iam::${account}:role/service`;
    },
    () => new Date(now),
  );
  t.equal(await callerIn('111111111111'), null);
  fails = false;
  now = 59_999;
  t.equal(await callerIn('222222222222'), null);
  t.equal(asked, 1);
  now = 60_000;
  t.equal(await callerIn('222222222222'), 'arn:aws:iam::222222222222:role/service');
  t.equal(asked, 2);
});

t.test('an error of our own is none of AWS', async (t) => {
  const callerIn = createCallerMemory(
    async () => Promise.reject(new Error('a defect')),
    () => new Date(0),
  );
  await t.rejects(callerIn('111111111111'), { message: 'a defect' });
});
