import type { Pattern } from './variables.ts';

/** Whether a text matches `*` (any characters, or none) and `?` (one character). */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  const [first] = pattern;
  if (pattern.length === 1 && first !== undefined && !/[*?]/.test(first.text)) return first.text === text;
  return matchesGlob(globOf(pattern), text);
}

/**
 * Whether an ARN matches part by part: each of the six is checked on its own, so that no wildcard reaches over one of
 * the first five colons; undefined where one of the two is no ARN.
 * Source: IAM User Guide, "Amazon Resource Name (ARN) condition operators".
 */
export function matchesArn(pattern: Pattern, arn: string): boolean | undefined {
  const globs = sixParts(globOf(pattern), COLON);
  const parts = sixParts(arn, ':');
  if (globs === undefined || parts === undefined) return undefined;
  return globs.every((glob, index) => matchesGlob(glob, parts[index] ?? ''));
}

const ANY = -1;
const ONE = -2;
const COLON = 58;

/** Character codes, ANY and ONE. */
function globOf(pattern: Pattern): number[] {
  const glob: number[] = [];
  for (const { text, literal } of pattern) {
    for (let index = 0; index < text.length; index += 1) {
      const character = text[index];
      glob.push(
        literal || (character !== '*' && character !== '?') ? text.charCodeAt(index) : character === '*' ? ANY : ONE,
      );
    }
  }
  return glob;
}

type Sequence<Item, Self> = { indexOf(item: Item, from: number): number; slice(start: number, end?: number): Self };

function sixParts<Item, Self extends Sequence<Item, Self>>(sequence: Self, colon: Item): Self[] | undefined {
  const parts: Self[] = [];
  let start = 0;
  while (parts.length < 5) {
    const end = sequence.indexOf(colon, start);
    if (end === -1) return undefined;
    parts.push(sequence.slice(start, end));
    start = end + 1;
  }
  return [...parts, sequence.slice(start)];
}

/** Goes back to the last `*` only, which is enough: at most glob length times text length steps, whatever the glob. */
function matchesGlob(glob: readonly number[], text: string): boolean {
  let position = 0;
  let index = 0;
  let afterStar = -1;
  let resume = 0;
  while (index < text.length) {
    const wanted = glob[position];
    if (wanted === ANY) {
      position += 1;
      afterStar = position;
      resume = index;
    } else if (wanted === ONE || wanted === text.charCodeAt(index)) {
      position += 1;
      index += 1;
    } else if (afterStar === -1) {
      return false;
    } else {
      position = afterStar;
      resume += 1;
      index = resume;
    }
  }
  while (glob[position] === ANY) position += 1;
  return position === glob.length;
}
