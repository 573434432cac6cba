import t from 'tap';
import { effectOf } from '../../src/access/judge/effect/effect.ts';
import { newBudget } from '../../src/policy/evaluate/budget.ts';
import { evaluateAccess } from '../../src/policy/evaluate/evaluate.ts';
import type { Caller } from '../../src/policy/evaluate/evaluation.ts';
import { PROD_SECRET } from '../access/prod-secret.ts';
import { cpuSince, fiftyMilliseconds } from '../cpu.ts';
import { hostileDocuments } from './hostile-documents.ts';

const callers: Caller[] = [
  { type: 'assumedRole', arn: 'arn:aws:iam::222222222222:role/app', account: '222222222222' },
  { type: 'someone', arn: '', account: '222222222222' },
  { type: 'someone', arn: '', account: '', except: ['111111111111'] },
];
const long = 'a'.repeat(2_000);
const context = { k: long, 'aws:TagKeys': Array.from({ length: 20 }, (_, index) => `${long}${index}`) };

/** Milliseconds of this thread, the best of three where that is long. */
function cost(limit: number, work: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 3 && least > limit; tries += 1) {
    const begun = process.threadCpuUsage();
    work();
    least = Math.min(least, cpuSince(begun));
  }
  return least;
}

t.test('no document that AWS takes is too much work to judge', async (t) => {
  const limit = fiftyMilliseconds();
  const request = {
    action: 'secretsmanager:GetSecretValue',
    resource: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:demo/database-AbCdEf',
    resourceAccount: '111111111111',
    context,
  };
  for (const [name, resourcePolicy] of hostileDocuments()) {
    const took = Math.max(
      ...callers.flatMap((caller) =>
        (['partial', 'complete'] as const).map((contextIs) =>
          cost(limit, () =>
            evaluateAccess({
              request: { ...request, caller, contextIs },
              resourcePolicy,
              identityPolicies: 'unknown',
            }),
          ),
        ),
      ),
    );
    // A budget is about 50 ms; what follows from its end is not counted in it.
    t.ok(took <= 2 * limit, `${name}: ${took} ms, may take ${2 * limit}`);
  }
});

t.test('nor is what attaching it does to everybody', async (t) => {
  const limit = 6 * fiftyMilliseconds();
  for (const [name, after] of hostileDocuments()) {
    const work = () => {
      effectOf({
        before: null,
        after: structuredClone(after),
        secret: PROD_SECRET,
        now: new Date(0),
        budget: newBudget(),
      });
    };
    const took = cost(limit, work);
    t.ok(took <= limit, `${name}: ${took} ms, may take ${limit}`);
  }
});
