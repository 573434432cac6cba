import { type Budget, spend } from './budget.ts';
import { isClock, type RequestContext } from './request-context.ts';

/**
 * Text of a policy in which `*` and `?` can be wildcards, except at the positions in `literal`: those came with the
 * value of a variable.
 */
export type Pattern = { text: string; literal?: Pick<ReadonlySet<number>, 'has'> };

const VARIABLE = /\$\{([^{}]*)\}/g;
const SPECIAL = /^[*?$]$/;
const KEY_AND_DEFAULT = /^([^\s,']+)(?:, '([^']*)')?$/;

/**
 * Replaces `${key}`, `${key, 'default'}` and the characters `${*}`, `${?}`, `${$}`. `null` where a variable has no
 * value: it is "effectively null", which nothing equals; `unknown` where its value is not known, and once the budget is spent.
 * Source: IAM User Guide, "IAM policy elements: Variables and tags".
 */
export function expand(policyText: string, context: RequestContext, budget: Budget): Pattern | null | 'unknown' {
  if (!policyText.includes('${')) return { text: policyText };
  let text = '';
  // As long as the text; `!` where it came with a value.
  let mask = '';
  let end = 0;
  for (const match of policyText.matchAll(VARIABLE)) {
    const value = resolve(match[1] ?? '', context);
    if (value === null || value === undefined) return value === null ? null : 'unknown';
    const before = policyText.slice(end, match.index);
    if (!spend(budget, STEPS_OF_VARIABLE + before.length + value.length)) return 'unknown';
    text += before + value;
    mask += ' '.repeat(before.length) + '!'.repeat(value.length);
    end = match.index + match[0].length;
  }
  return { text: text + policyText.slice(end), literal: { has: (position) => mask[position] === '!' } };
}

/** To find a key takes as long as to compare so many characters. */
const STEPS_OF_VARIABLE = 20;

/** null where there is no value, undefined where it is not known: a multivalued key is no variable (same page). */
function resolve(variable: string, context: RequestContext): string | null | undefined {
  if (SPECIAL.test(variable)) return variable;
  const [, key, fallback] = KEY_AND_DEFAULT.exec(variable) ?? [];
  if (key === undefined || isClock(key)) return undefined;
  const state = context(key);
  if (state.is === 'present') {
    const [value] = state.values;
    return state.multivalued || state.maybeAbsent === true || typeof value !== 'string' ? undefined : value;
  }
  return state.is === 'absent' ? (fallback ?? null) : undefined;
}

/** The condition keys that a text names as variables. */
export const variablesIn = (text: string): string[] =>
  text.includes('${')
    ? [...text.matchAll(VARIABLE)]
        .map(([, variable = '']) => KEY_AND_DEFAULT.exec(variable)?.[1] ?? variable)
        .filter((key) => !SPECIAL.test(key))
    : [];
