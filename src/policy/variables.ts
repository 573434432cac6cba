import type { RequestContext } from './request-context.ts';

/** Text of a policy in which `*` and `?` may be wildcards, but not in what a variable brought in. */
export type Pattern = readonly { text: string; literal: boolean }[];

/** Policy text as it stands, where variables are not known. */
export const verbatim = (text: string): Pattern => [{ text, literal: false }];

export const plainText = (pattern: Pattern): string => pattern.map(({ text }) => text).join('');

const VARIABLE = /\$\{([^{}]*)\}/g;
const SPECIAL = /^[*?$]$/;
const KEY_AND_DEFAULT = /^([^\s,']+)(?:, '([^']*)')?$/;

/**
 * Replaces `${key}`, `${key, 'default'}` and the characters `${*}`, `${?}`, `${$}`. `null` where a variable has no
 * value: it is "effectively null", which nothing equals; `unknown` where its value is not known.
 * Source: IAM User Guide, "IAM policy elements: Variables and tags".
 */
export function expand(text: string, context: RequestContext): Pattern | null | 'unknown' {
  if (!text.includes('${')) return verbatim(text);
  const pattern: { text: string; literal: boolean }[] = [];
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const value = resolve(match[1] ?? '', context);
    if (value === null || value === undefined) return value === null ? null : 'unknown';
    pattern.push({ text: text.slice(end, match.index), literal: false }, { text: value, literal: true });
    end = match.index + match[0].length;
  }
  pattern.push({ text: text.slice(end), literal: false });
  return pattern;
}

/** null where there is no value, undefined where it is not known: a multivalued key is no variable (same page). */
function resolve(variable: string, context: RequestContext): string | null | undefined {
  if (SPECIAL.test(variable)) return variable;
  const [, key, fallback] = KEY_AND_DEFAULT.exec(variable) ?? [];
  if (key === undefined) return undefined;
  const state = context(key);
  if (state.is === 'present') return state.multivalued ? undefined : state.values[0];
  return state.is === 'absent' ? (fallback ?? null) : undefined;
}

/** The condition keys that a text names as variables. */
export const variablesIn = (text: string): string[] =>
  [...text.matchAll(VARIABLE)]
    .map(([, variable = '']) => KEY_AND_DEFAULT.exec(variable)?.[1] ?? variable)
    .filter((key) => !SPECIAL.test(key));
