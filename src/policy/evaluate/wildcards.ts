import { type Budget, isSpent, spend } from './budget.ts';
import { covers, relate, type Symbols, symbolsOf } from './glob-sets.ts';
import type { TextSet, Value } from './text-set.ts';
import { type Truth, truth } from './truth.ts';
import type { Pattern } from './variables.ts';

/**
 * Whether a value matches `*` (any characters, or none) and `?` (one character): all of a set (`yes`), none of it (`no`),
 * or some. `unknown` too once the budget is spent.
 */
export function matches(pattern: Pattern, value: Value, budget: Budget): Truth {
  if (typeof value !== 'string') return matchesSet(pattern, value, budget, wholeRelation);
  return matchesRange(pattern, 0, pattern.text.length, value, budget);
}

/**
 * Whether an ARN matches part by part: each of the six is checked on its own, so that no wildcard reaches over one of
 * the first five colons; `unknown` where one of the two is no ARN.
 * Source: IAM User Guide, "Amazon Resource Name (ARN) condition operators".
 */
export function matchesArn(pattern: Pattern, value: Value, budget: Budget): Truth {
  const ranges = sixParts(pattern.text);
  if (ranges === undefined) return 'unknown';
  if (typeof value !== 'string') return matchesSet(pattern, value, budget, relationByParts(ranges));
  const parts = sixParts(value);
  if (parts === undefined) return 'unknown';
  let result: Truth = 'yes';
  for (const [index, [from, to]] of parts.entries()) {
    const [start, end] = ranges[index] ?? [0, 0];
    const one = matchesRange(pattern, start, end, value.slice(from, to), budget);
    if (one === 'no') return one;
    if (one === 'unknown') result = one;
  }
  return result;
}

/** Where the parts of an ARN start and end. */
function sixParts(text: string): [number, number][] | undefined {
  const parts: [number, number][] = [];
  let start = 0;
  while (parts.length < 5) {
    const end = text.indexOf(':', start);
    if (end === -1) return undefined;
    parts.push([start, end]);
    start = end + 1;
  }
  return [...parts, [start, text.length]];
}

/**
 * Goes back to the last `*` only, which is enough: at most pattern length times text length steps, whatever the
 * pattern.
 */
function matchesRange({ text: glob, literal }: Pattern, start: number, end: number, text: string, budget: Budget) {
  const isWild = (position: number, wildcard: '*' | '?'): boolean =>
    position < end && glob[position] === wildcard && literal?.has(position) !== true;
  let position = start;
  let index = 0;
  let afterStar = -1;
  let resume = 0;
  let steps = 0;
  while (index < text.length) {
    steps += 1;
    if (steps > budget.left) break;
    if (isWild(position, '*')) {
      position += 1;
      afterStar = position;
      resume = index;
    } else if (position < end && (glob[position] === text[index] || isWild(position, '?'))) {
      position += 1;
      index += 1;
    } else if (afterStar === -1) {
      spend(budget, steps);
      return 'no';
    } else {
      position = afterStar;
      resume += 1;
      index = resume;
    }
  }
  if (!spend(budget, steps + 1)) return 'unknown';
  while (isWild(position, '*')) position += 1;
  return truth(position === end);
}

/** How the texts of one glob stand to a pattern. Only `unknown` where neither can be shown. */
type Relation = (pattern: Pattern, glob: string, budget: Budget) => Truth;

function matchesSet(pattern: Pattern, { globs, except }: TextSet, budget: Budget, relation: Relation): Truth {
  if (except !== undefined && isLeftOut(pattern, except, budget) && !isSpent(budget)) return 'no';
  const results = new Set(globs.map((glob) => relation(pattern, glob, budget)));
  const [only] = results;
  return results.size === 1 && only !== undefined && !isSpent(budget) ? only : 'unknown';
}

/** What a set leaves out: single texts, and globs. */
type LeftOut = { texts: ReadonlySet<string>; globs: readonly Symbols[] };
const known = new WeakMap<readonly string[], LeftOut>();

/** @param except a list that never changes: hundreds of patterns are held against it */
function leftOutBy(except: readonly string[], budget: Budget): LeftOut {
  const found = known.get(except);
  if (found !== undefined) return found;
  spend(
    budget,
    except.reduce((sum, { length }) => sum + length, 0),
  );
  const isGlob = (text: string) => /[*?]/.test(text);
  const made = {
    texts: new Set(except.filter((text) => !isGlob(text))),
    globs: except.filter(isGlob).map((glob) => symbolsOf({ text: glob }, 0, glob.length)),
  };
  known.set(except, made);
  return made;
}

/** Whether all texts that a pattern stands for are left out: a single text is all of what a pattern without wildcards stands for. */
function isLeftOut(pattern: Pattern, except: readonly string[], budget: Budget): boolean {
  const { texts, globs } = leftOutBy(except, budget);
  if (texts.has(pattern.text)) return true;
  if (globs.length === 0) return false;
  const matched = symbolsOf(pattern, 0, pattern.text.length);
  return globs.some((glob) => covers(glob, matched, budget));
}

const wholeRelation: Relation = (pattern, glob, budget) =>
  relate(symbolsOf(pattern, 0, pattern.text.length), symbolsOf({ text: glob }, 0, glob.length), budget);

const relationByParts =
  (ranges: readonly [number, number][]): Relation =>
  (pattern, glob, budget) => {
    const parts = sixParts(glob);
    if (parts === undefined) return 'unknown';
    const results = parts.map(([from, to], index) => {
      const [start, end] = ranges[index] ?? [0, 0];
      return relate(symbolsOf(pattern, start, end), symbolsOf({ text: glob }, from, to), budget);
    });
    return results.includes('no') ? 'no' : results.includes('unknown') ? 'unknown' : 'yes';
  };
