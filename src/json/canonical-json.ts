/**
 * RFC 8785 canonical JSON: one text for equal values, whatever the order of their keys, so that it can be hashed and
 * compared. `undefined` is left out of objects, and is `null` elsewhere.
 * @throws Error for what JSON can't carry: half a surrogate pair, NaN, a cycle
 */
export const canonicalJson = (value: unknown): string => textOf(value, []) ?? 'null';

/** A value whose text is known: it is written once, where it is part of several. */
export class Written {
  readonly text: string;
  constructor(value: unknown) {
    this.text = canonicalJson(value);
  }
}

/** undefined for what JSON leaves out. Each change is written so a dozen times: hence loops, and no second look at a text. */
function textOf(value: unknown, around: object[]): string | undefined {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`JSON has no ${value}.`);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (value instanceof Written) return value.text;
  if (around.includes(value)) throw new Error('A value is part of itself.');
  around.push(value);
  const text =
    'toJSON' in value && typeof value.toJSON === 'function'
      ? textOf(value.toJSON(), around)
      : Array.isArray(value)
        ? list(value, around)
        : object(value, around);
  around.pop();
  return text;
}

function list(items: readonly unknown[], around: object[]): string {
  let text = '';
  for (const item of items) text += `${text === '' ? '[' : ','}${textOf(item, around) ?? 'null'}`;
  return text === '' ? '[]' : `${text}]`;
}

/** The members stand in the order of the UTF-16 code units of their names (section 3.2.3), which is that of `sort`. */
function object(value: object, around: object[]): string {
  let text = '';
  for (const name of Object.keys(value).sort()) {
    const member = textOf(value[name as keyof typeof value], around);
    if (member !== undefined) text += `${text === '' ? '{' : ','}${quoted(name)}:${member}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

/** JSON.stringify would escape half a surrogate pair, where RFC 8785 refuses it. */
function quoted(text: string): string {
  if (IS_PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new Error('A text holds half of a surrogate pair.');
  return JSON.stringify(text);
}

const IS_PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
