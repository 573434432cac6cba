import t from 'tap';
import { judgeAccess } from '../../src/access/judge/judge-access.ts';
import { judgeNamed } from '../../src/access/judge/judge-named.ts';
import { readerOf } from '../../src/access/judge/reader.ts';
import { surveyOf } from '../../src/access/judge/survey.ts';
import type { PolicyDocument } from '../../src/policy/document.ts';
import { type Budget, type InTurns, newBudget, STEPS_IN_TURNS } from '../../src/policy/evaluate/budget.ts';
import { REPLICATED } from '../access/prod-secret.ts';
import { hostileDocuments } from '../policy/hostile-documents.ts';
import { isLong } from '../runs.ts';
import { callsInTurns } from './calls.ts';

const NOW = new Date('2026-11-01T00:00:00Z');
const ACTION = 'secretsmanager:GetSecretValue';
/** Before others have their turn; without turns some of these make 690,000. */
const MOST_AT_ONCE = 300_000;
const TURNS = { steps: 100_000, turns: isLong ? 20 : 3 };

function* everyReader(policy: PolicyDocument, budget: Budget): InTurns<void> {
  const survey = yield* surveyOf(REPLICATED, policy, NOW, budget);
  for (const name of [...survey.allowed.keys()].slice(0, 100)) yield* judgeNamed(survey, name);
}

for (const [name, document] of hostileDocuments()) {
  t.test(`whoever asks who may read lets others come in between: ${name}`, async (t) => {
    const looks: [string, (policy: PolicyDocument, budget: Budget) => InTurns<unknown>][] = [
      ...['*', 'arn:aws:iam::222222222222:root', 'arn:aws:iam::222222222222:role/app'].map(
        (who): [string, (policy: PolicyDocument, budget: Budget) => InTurns<unknown>] => [
          who,
          (policy, budget) =>
            judgeAccess(
              { secret: REPLICATED, policy, now: NOW },
              { named: readerOf(who, 'aws'), action: ACTION, context: {} },
              budget,
            ),
        ],
      ),
      ['all who are named', everyReader],
    ];
    for (const [who, look] of looks) {
      const budget = newBudget(STEPS_IN_TURNS);
      const { most } = await callsInTurns(look(structuredClone(document), budget), budget, TURNS);
      t.ok(most <= MOST_AT_ONCE, `${who}: ${most} of ${MOST_AT_ONCE} calls at once`);
    }
  });
}
