import type { Pattern } from './variables.ts';

/** Whether a text matches `*` (any characters, or none) and `?` (one character). */
export const matchesPattern = (pattern: Pattern, text: string): boolean =>
  matchesRange(pattern, 0, pattern.text.length, text);

/**
 * Whether an ARN matches part by part: each of the six is checked on its own, so that no wildcard reaches over one of
 * the first five colons; undefined where one of the two is no ARN.
 * Source: IAM User Guide, "Amazon Resource Name (ARN) condition operators".
 */
export function matchesArn(pattern: Pattern, arn: string): boolean | undefined {
  const ranges = sixParts(pattern.text);
  const parts = sixParts(arn);
  if (ranges === undefined || parts === undefined) return undefined;
  return parts.every(([from, to], index) => {
    const [start, end] = ranges[index] ?? [0, 0];
    return matchesRange(pattern, start, end, arn.slice(from, to));
  });
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
function matchesRange({ text: glob, literal }: Pattern, start: number, end: number, text: string): boolean {
  const isWild = (position: number, wildcard: '*' | '?'): boolean =>
    position < end && glob[position] === wildcard && literal?.has(position) !== true;
  let position = start;
  let index = 0;
  let afterStar = -1;
  let resume = 0;
  while (index < text.length) {
    if (isWild(position, '*')) {
      position += 1;
      afterStar = position;
      resume = index;
    } else if (position < end && (glob[position] === text[index] || isWild(position, '?'))) {
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
  while (isWild(position, '*')) position += 1;
  return position === end;
}
