import { type ConditionTest, type Statement, testsOf } from '../../../policy/document.ts';
import type { ContextValue } from '../../../policy/evaluate/evaluation.ts';
import type { Secret } from '../../secret.ts';
import { tagsInConditions } from '../judged-call.ts';

/**
 * The calls that meet the conditions of some statements, as condition keys: what a share says holds for those calls. Only
 * what names values; time is known anyhow.
 * @param tags the secret's, which shares by tags that match compare with
 */
export function assuming(
  statements: readonly Pick<Statement, 'Condition'>[],
  tags: Secret['tags'],
): Record<string, ContextValue> {
  const seen = tagsInConditions(tags);
  /** A text that is one of the secret's tags, as that tag's value; any other as it is. */
  const withTag = (text: string): string => {
    const tag = seen.get(/^\$\{aws:ResourceTag\/([^{},]+)\}$/.exec(text)?.[1]?.toLowerCase() ?? '');
    return tag === undefined || tag === 'unknown' ? text : tag.value;
  };
  const tests = statements.flatMap(testsOf).map((test) => ({ ...test, values: test.values.map(withTag) }));
  return Object.fromEntries(tests.flatMap(assumed));
}

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
