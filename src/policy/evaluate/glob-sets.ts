import { type Budget, spend } from './budget.ts';
import type { Truth } from './truth.ts';
import type { Pattern } from './variables.ts';

/** Whether all texts of a set match, none, or some; `unknown` too where neither can be shown, and once the budget is spent. */
export function relate(pattern: Symbols, set: Symbols, budget: Budget): Truth {
  if (covers(pattern, set, budget)) return 'yes';
  if (differAtAnEnd(pattern, set, budget)) return 'no';
  return overlaps(pattern, set, budget) ? 'unknown' : 'no';
}

/** Characters, and for the wildcards numbers that no character has. */
export type Symbols = readonly number[];
const ANY = -1;
const ONE = -2;

export function symbolsOf({ text, literal }: Pattern, start: number, end: number): Symbols {
  return Array.from({ length: end - start }, (_, offset) => {
    const isLiteral = literal?.has(start + offset) === true;
    const character = text[start + offset];
    if (!isLiteral && character === '*') return ANY;
    return !isLiteral && character === '?' ? ONE : text.charCodeAt(start + offset);
  });
}

/**
 * Whether every text of a set surely matches: its `*` only where the pattern's `*` takes it in, its `?` where a wildcard
 * does. False once the budget is spent. As matchesRange, with the set in the text's place.
 */
export function covers(pattern: Symbols, set: Symbols, budget: Budget): boolean {
  let position = 0;
  let index = 0;
  let afterStar = -1;
  let resume = 0;
  let steps = 0;
  while (index < set.length) {
    steps += 1;
    if (steps > budget.left) break;
    if (pattern[position] === ANY) {
      position += 1;
      afterStar = position;
      resume = index;
    } else if (set[index] !== ANY && (pattern[position] === set[index] || pattern[position] === ONE)) {
      position += 1;
      index += 1;
    } else if (afterStar === -1) {
      spend(budget, steps);
      return false;
    } else {
      position = afterStar;
      resume += 1;
      index = resume;
    }
  }
  if (!spend(budget, steps + 1)) return false;
  while (pattern[position] === ANY) position += 1;
  return position === pattern.length;
}

/** Whether the characters before the first `*` of both, or after the last, can't be the same: then no text is of both. */
function differAtAnEnd(one: Symbols, other: Symbols, budget: Budget): boolean {
  const most = Math.min(one.length, other.length);
  const differ = (at: (symbols: Symbols, index: number) => number | undefined): boolean => {
    for (let index = 0; index < most; index += 1) {
      const [left, right] = [at(one, index), at(other, index)];
      if (left === ANY || right === ANY) return false;
      spend(budget, 1);
      if (left !== right && left !== ONE && right !== ONE) return true;
    }
    return false;
  };
  return differ((symbols, index) => symbols[index]) || differ((symbols, index) => symbols[symbols.length - 1 - index]);
}

/** Whether some text is of both; true once the budget is spent. Row by row, in the product of both lengths. */
function overlaps(one: Symbols, other: Symbols, budget: Budget): boolean {
  if (!spend(budget, (one.length + 1) * (other.length + 1))) return true;
  let after = endOf(other);
  for (const symbol of [...one].reverse()) {
    const row: boolean[] = new Array(other.length + 1);
    row[other.length] = symbol === ANY && after[other.length] === true;
    for (let index = other.length - 1; index >= 0; index -= 1) {
      const isWild = symbol === ANY || other[index] === ANY;
      const meet = symbol === other[index] || symbol === ONE || other[index] === ONE;
      row[index] = isWild ? after[index] === true || row[index + 1] === true : meet && after[index + 1] === true;
    }
    after = row;
  }
  return after[0] === true;
}

/** Nothing left of the one: what is left of the other must be all `*`. */
function endOf(other: Symbols): boolean[] {
  const row: boolean[] = new Array(other.length + 1);
  row[other.length] = true;
  for (let index = other.length - 1; index >= 0; index -= 1)
    row[index] = other[index] === ANY && row[index + 1] === true;
  return row;
}
