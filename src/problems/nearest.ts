/** The name that was probably meant: it differs by its case, by what stands before its last part, or by two letters at most; two that changed places are one. */
export function nearest(said: string, known: readonly string[]): string | undefined {
  const text = said.slice(0, LONGEST).toLowerCase();
  const alike = known.find(
    (name) => name.toLowerCase() === text || LAST_PARTS.some((before) => name.toLowerCase().endsWith(before + text)),
  );
  if (alike !== undefined) return alike;
  const ranked = known
    .map((name) => ({ name, distance: distanceOf(text, name.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= Math.min(2, Math.floor(text.length / 3)) ? best.name : undefined;
}

/** The same among the names of fields, which may be meant by how they begin, too: `denny` for `denials`. */
export const nearestField = (said: string, known: readonly string[]): string | undefined =>
  nearest(said, known) ?? beginningAs(said.slice(0, LONGEST).toLowerCase(), known);

/** By three letters at least, and half of what was said. */
function beginningAs(text: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((name) => ({ name, same: sameLetters(text, name.toLowerCase()) }))
    .sort((one, other) => other.same - one.same);
  return best !== undefined && best.same >= Math.max(3, text.length / 2) ? best.name : undefined;
}

function sameLetters(one: string, other: string): number {
  const differs = [...one].findIndex((letter, index) => letter !== other[index]);
  return differs === -1 ? one.length : differs;
}

const LONGEST = 64;
/** Of an action, and of a secret’s name. */
const LAST_PARTS = [':', '/'];

/** Letters to insert, drop or change, or neighbours to swap (Damerau’s, in its restricted form: optimal string alignment). */
function distanceOf(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of one.split('').entries()) {
    const next = [index + 1];
    for (let column = 1; column <= other.length; column += 1) {
      const change = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1);
      const isSwapped = index > 0 && letter === other[column - 2] && one[index - 1] === other[column - 1];
      const swap = isSwapped ? (before[column - 2] ?? 0) + 1 : change;
      next.push(Math.min(change, swap, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[other.length] ?? Number.POSITIVE_INFINITY;
}
