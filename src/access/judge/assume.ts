import { type ConditionTest, type Statement, testsOf } from '../../policy/document.ts';
import type { ContextValue } from '../../policy/evaluate/evaluation.ts';

/**
 * The calls that meet the conditions of some statements, as condition keys: what a share says holds for those calls. Only
 * what names values; time is known anyhow.
 */
export const assuming = (statements: readonly Pick<Statement, 'Condition'>[]): Record<string, ContextValue> =>
  Object.fromEntries(statements.flatMap(testsOf).flatMap(assumed));

const NAMES_VALUES = /^(ForAnyValue:)?(?:String|Arn)(Equals|Like)$/;

function assumed({ operator, key, values }: ConditionTest): [string, ContextValue][] {
  const [, set, comparison] = NAMES_VALUES.exec(operator) ?? [];
  if (comparison === undefined || values.some((value) => value.includes('${'))) return [];
  const isWild = values.some((value) => /[*?]/.test(value));
  if (isWild && comparison === 'Equals') return [];
  const [only] = values;
  if (set === undefined && !isWild && only !== undefined && values.length === 1) return [[key, only]];
  return [[key, { globs: values, multivalued: set !== undefined }]];
}
