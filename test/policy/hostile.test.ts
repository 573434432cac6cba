import t from 'tap';
import { effectOf } from '../../src/access/judge/effect/effect.ts';
import type { Statement } from '../../src/policy/document.ts';
import { atOnce, type Budget, newBudget } from '../../src/policy/evaluate/budget.ts';
import { evaluateAccess } from '../../src/policy/evaluate/evaluate.ts';
import { type Caller, TOO_MUCH_WORK } from '../../src/policy/evaluate/evaluation.ts';
import { STEPS_OF_NAME } from '../../src/policy/evaluate/names.ts';
import { PROD_SECRET } from '../access/prod-secret.ts';
import { timesFifty } from '../cpu.ts';
import { hostileDocuments } from './hostile-documents.ts';

/** Those whom a policy tells apart from a set are its exceptions. */
const names = Array.from({ length: 500 }, (_, index) => `arn:aws:iam::222222222222:role/r${index}`);
const callers: Caller[] = [
  { type: 'assumedRole', arn: 'arn:aws:iam::222222222222:role/app', account: '222222222222' },
  { type: 'someone', arn: '', account: '222222222222' },
  { type: 'someone', arn: '', account: '', except: ['111111111111'] },
  { type: 'someone', arn: '', account: '222222222222', except: names },
];
const long = 'a'.repeat(2_000);
const context = { k: long, 'aws:TagKeys': Array.from({ length: 20 }, (_, index) => `${long}${index}`) };

t.test('no document that AWS takes is too much work to judge', async (t) => {
  const request = {
    action: 'secretsmanager:GetSecretValue',
    resource: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:demo/database-AbCdEf',
    resourceAccount: '111111111111',
    context,
  };
  for (const [name, resourcePolicy] of hostileDocuments()) {
    for (const caller of callers) {
      for (const contextIs of ['partial', 'complete'] as const) {
        const took = await timesFifty(2, () =>
          evaluateAccess({
            request: { ...request, caller, contextIs },
            resourcePolicy,
            identityPolicies: 'unknown',
          }),
        );
        // A budget is about 50 ms; what follows from its end is not counted in it.
        t.ok(took <= 2, `${name}, ${caller.type}, ${contextIs}: ${took} of 2 times 50 ms`);
      }
    }
  }
});

t.test('to look for those whom a set leaves out takes steps, for each of them', async (t) => {
  const named = names.map(
    (AWS): Statement => ({ Effect: 'Deny', Principal: { AWS: [AWS] }, Action: '*', Resource: '*' }),
  );
  const request = {
    ...{ action: 'secretsmanager:GetSecretValue', resource: PROD_SECRET.arn },
    ...{ resourceAccount: PROD_SECRET.account, context: {} },
    contextIs: 'partial' as const,
  };
  const ALLOW: Statement = { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' };
  const look = (budget: Budget) =>
    evaluateAccess({
      // Of a list that was read before, nothing is read again.
      request: {
        ...request,
        budget,
        caller: { type: 'someone', arn: '', account: '222222222222', except: [...names] },
      },
      resourcePolicy: { Version: '2012-10-17', Statement: [ALLOW, ...named] },
      identityPolicies: [{ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }],
    });
  const budget = newBudget();
  const { left } = budget;
  t.equal(look(budget).decision, 'allowed', 'all who are denied are left out');
  const took = left - budget.left;
  t.ok(took >= 2 * names.length * STEPS_OF_NAME, `${took} steps: to read them, and to look for each`);
  const spent = look(newBudget(took / 2));
  t.equal(spent.decision, 'unknown');
  t.match(spent.because.at(-1)?.dependsOn, [TOO_MUCH_WORK]);
});

t.test('nor is what attaching it does to everybody', async (t) => {
  for (const [name, after] of hostileDocuments()) {
    const work = () => {
      atOnce(
        effectOf({
          before: null,
          after: structuredClone(after),
          secret: PROD_SECRET,
          now: new Date(0),
          budget: newBudget(),
        }),
      );
    };
    const took = await timesFifty(6, work);
    t.ok(took <= 6, `${name}: ${took} of 6 times 50 ms`);
  }
});
