import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { evaluateAccess, evaluateStatements } from '../../src/policy/evaluate/evaluate.ts';
import { cases } from '../runs.ts';
import { accessCase } from './arbitrary-access.ts';
import { type AccessCase, type Answer, askOracle } from './oracle.ts';

const RUNS = cases(150, 30_000, 200_000);

t.test(`${RUNS.numRuns} generated cases get the answers of iam-simulate`, async (t) => {
  const answers = { allowed: 0, explicitlyDenied: 0, implicitlyDenied: 0, unknown: 0 };
  await fc.assert(
    fc.asyncProperty(accessCase, async (given) => {
      const answer = answerOf(given);
      answers[answer.decision] += 1;
      assert.deepEqual(answer, await askOracle(given));
    }),
    RUNS,
  );
  t.comment(JSON.stringify(answers));
  t.equal(answers.unknown, 0, 'nothing is unknown where everything is given');
  for (const answer of ['allowed', 'explicitlyDenied', 'implicitlyDenied'] as const) {
    t.ok(answers[answer] > RUNS.numRuns / 10, `${answer} is not rare: the cases put both to the test`);
  }
});

function answerOf(given: AccessCase): Answer {
  const { request, resourcePolicy, identityPolicies } = given;
  const applying = [
    ...evaluateStatements(resourcePolicy, request, 'resourcePolicy').map(
      ({ statement }) => `resource/${statement.Sid}`,
    ),
    ...identityPolicies.flatMap((document, index) =>
      evaluateStatements(document, request, 'identityPolicy').map(
        ({ statement }) => `identity-${index}/${statement.Sid}`,
      ),
    ),
  ];
  return { decision: evaluateAccess(given).decision, applying: applying.toSorted() };
}
