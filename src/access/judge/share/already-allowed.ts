import { listed } from '../../../english.ts';
import { concreteActions } from '../../../policy/actions.ts';
import type { Statement } from '../../../policy/document.ts';
import type { Budget, InTurns } from '../../../policy/evaluate/budget.ts';
import { statementName } from '../../../policy/statement-name.ts';
import type { Secret } from '../../secret.ts';
import type { Warning } from '../../write/change.ts';
import { judgeSecret } from '../judge-secret.ts';
import { readerOf, withPath } from '../reader.ts';
import { focusOf, toldApart } from '../told-apart.ts';
import { assuming } from './assume.ts';
import type { AskedShare } from './judge-share.ts';

/**
 * A warning where statements of others allow all that a share asks for, to all whom it is for: whoever takes the share back then
 * takes nothing away.
 * @param foreign statements of others, that are attached beside the share
 */
export function* alreadyAllowed(
  secret: Secret,
  foreign: readonly Statement[],
  asked: () => AskedShare,
  now: Date,
  budget: Budget,
): InTurns<Warning[]> {
  const allows = foreign.filter(({ Effect }) => Effect === 'Allow');
  if (allows.length === 0) return [];
  const { name, actions, statements } = asked();
  const policy = { Version: '2012-10-17' as const, Statement: allows };
  const reader = withPath(readerOf(name, secret.partition), [policy]);
  const apart = toldApart([policy], secret.partition, focusOf(reader));
  const situation = { secret, policy, now, given: assuming(statements, secret.tags), apart, budget };
  const { parts, exceptions } = yield* judgeSecret(situation, reader, concreteActions(actions));
  if (exceptions.length > 0 || !parts.every(({ evaluation }) => evaluation.decision === 'allowed')) return [];
  const because = parts.flatMap(({ evaluation }) =>
    evaluation.because.map(({ statement }) => statementName(statement)),
  );
  const names = listed([...new Set(because)]);
  const message = `It is allowed already by ${names}, which is not of this service: taking this share back will not take that away.`;
  return [{ code: 'already-allowed', message }];
}
