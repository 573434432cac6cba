import { SYSTEM } from '../../access/identity.ts';
import { judgeAccess } from '../../access/judge/judge-access.ts';
import { namesIn, readerOf } from '../../access/judge/reader.ts';
import type { Survey } from '../../access/judge/survey.ts';
import { judgeInTurns } from '../../access/judge/turns.ts';
import { statementsOf } from '../../policy/document.ts';
import { appliesToAction } from '../../policy/evaluate/statement.ts';
import { isOutside } from '../exposure.ts';

/** With these somebody lets in whomever it likes, or takes away who was denied. */
const CHANGES_POLICY = ['secretsmanager:PutResourcePolicy', 'secretsmanager:DeleteResourcePolicy'];

/** Whom of outside a policy surely lets change it, by the judge’s word. */
export async function outsideWriters(survey: Survey, ours: ReadonlySet<string>): Promise<string[]> {
  const { secret, policy, now, budget } = survey;
  const allows = statementsOf(policy).filter(
    (statement) =>
      statement.Effect === 'Allow' &&
      CHANGES_POLICY.some((action) => appliesToAction(statement, action, budget) !== 'no'),
  );
  const writers: string[] = [];
  for (const name of new Set(allows.flatMap(namesIn))) {
    const named = readerOf(name, secret.partition);
    if (named.kind === 'deleted' || !isOutside(named, secret, ours)) continue;
    for (const action of CHANGES_POLICY) {
      const asked = { named, action, context: {} };
      const { evaluation } = await judgeInTurns(SYSTEM.identity, (own) =>
        judgeAccess({ secret, policy, now }, asked, own),
      );
      if (evaluation.decision !== 'allowed') continue;
      writers.push(named.name);
      break;
    }
  }
  return writers;
}
