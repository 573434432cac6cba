import t from 'tap';
import { effectOf } from '../../src/access/judge/effect/effect.ts';
import { atOnce, newBudget } from '../../src/policy/evaluate/budget.ts';
import { evaluateAccess } from '../../src/policy/evaluate/evaluate.ts';
import type { Caller } from '../../src/policy/evaluate/evaluation.ts';
import { PROD_SECRET } from '../access/prod-secret.ts';
import { timesFifty } from '../cpu.ts';
import { hostileDocuments } from './hostile-documents.ts';

const callers: Caller[] = [
  { type: 'assumedRole', arn: 'arn:aws:iam::222222222222:role/app', account: '222222222222' },
  { type: 'someone', arn: '', account: '222222222222' },
  { type: 'someone', arn: '', account: '', except: ['111111111111'] },
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
