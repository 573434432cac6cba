/** Says why a text is not JSON that every parser reads alike; a sentence for whoever sent it. */
export class NotIJson extends Error {
  override readonly name = 'NotIJson';
}

const MAX_DEPTH = 32;

/**
 * Reads I-JSON (RFC 7493): no name twice, no NUL and no half of a surrogate pair, no names that would change every object.
 * A number that JavaScript would write otherwise (above 2^53, `1.0`) stays the text that it was: IAM takes a quoted number
 * for the number, and what is written back, hashed or shown then keeps every digit.
 * @throws NotIJson also when it is nested deeper than 32 levels
 */
export function readIJson(text: string): unknown {
  const value = parse(text);
  const seen = { members: 0, numbers: 0 };
  look(value, MAX_DEPTH, seen);
  // JSON.parse keeps the last of two members of a name and drops the other: then there are fewer members than colons.
  if (seen.members !== colonsOutsideOfStrings(text)) throw new NotIJson('An object has the same name twice.');
  return seen.numbers === 0 ? value : JSON.parse(text, keepingDigits);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotIJson('It is not JSON.');
  }
}

/** `source` is the number as it was written (ECMAScript 2026, JSON.parse source text access). */
const keepingDigits = (_name: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
    ? context.source
    : value;

/** Counts members and numbers. @throws NotIJson */
function look(value: unknown, levels: number, seen: { members: number; numbers: number }): void {
  if (typeof value === 'string') assertText(value);
  if (typeof value === 'number') seen.numbers += 1;
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) throw new NotIJson(`It is nested deeper than ${MAX_DEPTH} levels.`);
  if (Array.isArray(value)) {
    for (const item of value) look(item, levels - 1, seen);
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__' || name === 'constructor') throw new NotIJson(`The name ${name} is not taken.`);
    assertText(name);
    seen.members += 1;
    look(member, levels - 1, seen);
  }
}

/** PostgreSQL has no NUL, and UTF-8 no half of a surrogate pair. */
function assertText(text: string): void {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new NotIJson('A text holds a NUL, or half of a surrogate pair.');
  }
}

/** Of JSON that parses, so that every string ends. */
function colonsOutsideOfStrings(text: string): number {
  let colons = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === ':') colons += 1;
    if (text[at] !== '"') continue;
    do at = text.indexOf('"', at + 1);
    while (isEscaped(text, at));
  }
  return colons;
}

function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text[before - 1] === '\\') before -= 1;
  return (at - before) % 2 === 1;
}
