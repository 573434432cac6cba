/** Says why a text is not JSON that every parser reads alike; a sentence for whoever sent it. */
export class NotIJson extends Error {
  override readonly name = 'NotIJson';
}

const MAX_DEPTH = 32;
/** Members and elements: thirty for each of a thousand items. Reading takes its time by their number. */
const MAX_VALUES = 30_000;

/**
 * Reads I-JSON (RFC 7493): no name twice, no NUL and no half of a surrogate pair, no names that would change every object.
 * A number that JavaScript would write otherwise (above 2^53, `1.0`) stays the text that it was: IAM takes a quoted number
 * for the number, and what is written back, hashed or shown then keeps every digit.
 * @throws NotIJson also when it is nested deeper than 32 levels, or holds more than 30,000 values
 */
export function readIJson(text: string): unknown {
  const { colons, quoted } = scan(text);
  const value = parse(text);
  // JSON.parse keeps the last of two members of a name and drops the other: then there are fewer members than colons.
  if (look(value, MAX_DEPTH) !== colons) throw new NotIJson('An object has the same name twice.');
  return quoted === text ? value : JSON.parse(quoted);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NotIJson(`It is not JSON${whereOf(String(error), text)}.`);
  }
}

/** The parser's own words would repeat the text, which may hold anything. */
function whereOf(said: string, text: string): string {
  const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(said) ?? [];
  if (line !== undefined) return ` from line ${line}, column ${column} on`;
  if (said.includes('end of JSON')) return ': it ends too early';
  if (text.length > WRITTEN_BY_HAND) return '';
  const lines = text.slice(0, faultIn(text)).split('\n');
  return ` from line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1} on`;
}

/** Characters. The place of a fault in more than that is not looked for: it takes reading it a dozen times. */
const WRITTEN_BY_HAND = 16_384;

/** Where the parser says what it found, but not where: behind the longest text that may still become JSON. */
function faultIn(text: string): number {
  let [sound, faulty] = [0, text.length];
  while (faulty - sound > 1) {
    const middle = (sound + faulty) >> 1;
    if (mayBecomeJson(text.slice(0, middle))) sound = middle;
    else faulty = middle;
  }
  return sound;
}

function mayBecomeJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const [, position] = / at position (\d+)/.exec(String(error)) ?? [];
    return String(error).includes('end of JSON') || Number(position) === text.length;
  }
}

/** The number of members. @throws NotIJson */
function look(value: unknown, levels: number): number {
  if (typeof value === 'string') assertText(value);
  if (typeof value !== 'object' || value === null) return 0;
  if (levels === 0) throw new NotIJson(`It is nested deeper than ${MAX_DEPTH} levels.`);
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) members += look(item, levels - 1);
    return members;
  }
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__' || name === 'constructor') throw new NotIJson(`The name ${name} is not taken.`);
    assertText(name);
    members += 1 + look(member, levels - 1);
  }
  return members;
}

/** PostgreSQL has no NUL, and UTF-8 no half of a surrogate pair. */
function assertText(text: string): void {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new NotIJson('A text holds a NUL, or half of a surrogate pair.');
  }
}

/**
 * How a text is written, outside of its strings; it may be no JSON. `quoted` is the text with quotes around each number that
 * JavaScript would write otherwise.
 * @throws NotIJson
 */
function scan(text: string): { colons: number; quoted: string } {
  let colons = 0;
  let values = 1;
  let quoted = '';
  let copied = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"') at = endOfString(text, at);
    else if (character === ':') colons += 1;
    else if (character === ',' || character === '[' || character === '{') values += 1;
    else if (character === '-' || isDigit(character)) {
      const number = numberAt(text, at);
      if (String(Number(number)) !== number) {
        quoted += `${text.slice(copied, at)}"${number}"`;
        copied = at + number.length;
      }
      at += number.length - 1;
    }
    if (values > MAX_VALUES) throw new NotIJson(`It holds more than ${MAX_VALUES} values.`);
  }
  return { colons, quoted: quoted + text.slice(copied) };
}

/** Of the quote that ends the string which begins at `start`; of the text, where none does. */
function endOfString(text: string, start: number): number {
  let at = start;
  do at = text.indexOf('"', at + 1);
  while (at !== -1 && isEscaped(text, at));
  return at === -1 ? text.length : at;
}

const isDigit = (character: string): boolean => character >= '0' && character <= '9';

function numberAt(text: string, start: number): string {
  NUMBER.lastIndex = start;
  return NUMBER.exec(text)?.[0] ?? '';
}

const NUMBER = /[-+.0-9eE]+/y;

function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text[before - 1] === '\\') before -= 1;
  return (at - before) % 2 === 1;
}
