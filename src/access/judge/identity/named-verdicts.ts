import { listed } from '../../../english.ts';
import { evaluateStatements } from '../../../policy/evaluate/evaluate.ts';
import type { JudgedCall, StatementVerdict } from '../../../policy/evaluate/evaluation.ts';
import { statementName } from '../../../policy/statement-name.ts';
import type { NamedPolicy } from './own-policies.ts';

/** A statement, and the name of the policy that it is of. */
export type NamedVerdict = StatementVerdict & { policy: string };

export const verdictsOf = (
  policies: readonly NamedPolicy[],
  request: JudgedCall,
  source: StatementVerdict['source'],
): NamedVerdict[] =>
  policies.flatMap(({ name, document }) =>
    evaluateStatements(document, request, source).map((verdict) => ({ ...verdict, policy: name })),
  );

/** Each with the policy that has it. */
export const statementsIn = (verdicts: readonly NamedVerdict[]): string =>
  listed([...new Set(verdicts.map(({ statement, policy }) => `${statementName(statement)} of ${policy}`))]);
