import { type ConditionTest, type Statement, testsOf } from '../../policy/document.ts';
import type { ContextValue } from '../../policy/evaluate/evaluation.ts';
import type { Secret } from '../secret.ts';

/**
 * The calls that meet the conditions of some statements, as condition keys: what a share says holds for those calls. Only
 * what names values; time is known anyhow.
 * @param tags the secret's, which shares by tags that match compare with
 */
export const assuming = (
  statements: readonly Pick<Statement, 'Condition'>[],
  tags: Secret['tags'],
): Record<string, ContextValue> =>
  Object.fromEntries(
    statements
      .flatMap(testsOf)
      .map((test) => ({ ...test, values: test.values.map((value) => withTag(value, tags ?? {})) }))
      .flatMap(assumed),
  );

/** A text that is one of the secret's tags, as that tag's value; any other as it is. */
function withTag(text: string, tags: Readonly<Record<string, string>>): string {
  const key = /^\$\{aws:ResourceTag\/([^{},]+)\}$/.exec(text)?.[1]?.toLowerCase();
  const alike = key === undefined ? [] : Object.keys(tags).filter((name) => name.toLowerCase() === key);
  const [name] = alike;
  return name === undefined || alike.length > 1 ? text : (tags[name] ?? text);
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
