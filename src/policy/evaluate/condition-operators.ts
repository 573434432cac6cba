import ipaddr from 'ipaddr.js';
import type { Budget } from './budget.ts';
import { rememberingLast } from './remembering-last.ts';
import type { Value } from './text-set.ts';
import { type Truth, truth } from './truth.ts';
import type { Pattern } from './variables.ts';
import { matches, matchesArn } from './wildcards.ts';

/**
 * A condition operator of IAM. Only the string and ARN operators take policy variables; `negated` ones hold where the
 * comparison does not. Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
 */
export type Operator = { negated: boolean } & (
  | { takes: 'pattern'; compare: (pattern: Pattern, value: Value, budget: Budget) => Truth }
  /** What the policy wants is read once, for all values; that takes so many steps (budget.ts). */
  | { takes: 'text'; steps: number; reads: (wanted: string) => (value: string) => Truth }
);

/** The operator of a name without `ForAnyValue:`, `ForAllValues:` and `IfExists`; undefined when IAM has none. */
export const operatorOf = (name: string): Operator | undefined => OPERATORS.get(name);

/** A comparison of values that must be read first. What can't be read, can't be compared: unknown. */
const reading = <Value, Wanted>(
  readValue: (text: string) => Value | undefined,
  readWanted: (text: string) => Wanted | undefined,
  test: (value: Value, wanted: Wanted) => boolean,
) => {
  // One value is compared with all that a condition wants before the next one is.
  const readLast = rememberingLast(readValue);
  return (wanted: string) => {
    const right = readWanted(wanted);
    return (value: string): Truth => {
      const left = readLast(value);
      return left === undefined || right === undefined ? 'unknown' : truth(test(left, right));
    };
  };
};

/** All of it literal: no wildcards. */
const literally = (text: string): Pattern => ({ text, literal: { has: () => true } });

const equals = ({ text }: Pattern, value: Value, budget: Budget): Truth =>
  typeof value === 'string' ? truth(text === value) : matches(literally(text), value, budget);

const lowerCaseOf = rememberingLast((text) => text.toLowerCase());

/** Of what a set leaves out, the spelling may come back in other letters. */
const equalsIgnoreCase = ({ text }: Pattern, value: Value, budget: Budget): Truth => {
  const lower = text.toLowerCase();
  if (typeof value === 'string') return truth(lower === lowerCaseOf(value));
  return matches(literally(lower), { globs: value.globs.map((glob) => glob.toLowerCase()) }, budget);
};

const bool = (text: string): boolean | undefined =>
  /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined;

const base64 = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
};

const number = (text: string): number | undefined => (/^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined);

const W3C_DATE = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?$/;

/** Milliseconds since 1970. Dates are those of https://www.w3.org/TR/NOTE-datetime, or seconds since 1970. */
const date = (text: string): number | undefined => {
  const time = W3C_DATE.test(text) ? Date.parse(text) : /^\d+$/.test(text) ? Number(text) * 1000 : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
};

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const address = (text: string): Address | undefined => {
  // The library throws and catches to say that something is no address, which takes ten times as long as to read one.
  if (FOUR_PARTS.test(text)) {
    return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : undefined;
  }
  return EIGHT_PARTS.test(text) && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
};

const FOUR_PARTS = /^\d{1,3}(\.\d{1,3}){3}$/;
const EIGHT_PARTS = /^[0-9a-f:.]{2,45}$/i;

/** An address alone is a range of one (`/32`, `/128`). */
export const range = (text: string): [Address, number] | undefined => {
  const [first = '', length, ...rest] = text.split('/');
  const start = address(first);
  if (start === undefined || rest.length > 0) return undefined;
  const bits = start.kind() === 'ipv4' ? 32 : 128;
  if (length === undefined) return [start, bits];
  return /^\d{1,3}$/.test(length) && Number(length) <= bits ? [start, Number(length)] : undefined;
};

const inRange = (value: Address, [start, length]: [Address, number]): boolean =>
  value.kind() === start.kind() && value.match(start, length);

const ordered = (prefix: string, read: (text: string) => number | undefined): [string, Operator][] => {
  const operator = (test: (value: number, wanted: number) => boolean, negated = false): Operator => ({
    takes: 'text',
    steps: 20,
    negated,
    reads: reading(read, read, test),
  });
  return [
    [`${prefix}Equals`, operator((value, wanted) => value === wanted)],
    [`${prefix}NotEquals`, operator((value, wanted) => value === wanted, true)],
    [`${prefix}LessThan`, operator((value, wanted) => value < wanted)],
    [`${prefix}LessThanEquals`, operator((value, wanted) => value <= wanted)],
    [`${prefix}GreaterThan`, operator((value, wanted) => value > wanted)],
    [`${prefix}GreaterThanEquals`, operator((value, wanted) => value >= wanted)],
  ];
};

const ipAddress = reading(address, range, inRange);

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['StringEquals', { takes: 'pattern', negated: false, compare: equals }],
  ['StringNotEquals', { takes: 'pattern', negated: true, compare: equals }],
  ['StringEqualsIgnoreCase', { takes: 'pattern', negated: false, compare: equalsIgnoreCase }],
  ['StringNotEqualsIgnoreCase', { takes: 'pattern', negated: true, compare: equalsIgnoreCase }],
  ['StringLike', { takes: 'pattern', negated: false, compare: matches }],
  ['StringNotLike', { takes: 'pattern', negated: true, compare: matches }],
  ['ArnEquals', { takes: 'pattern', negated: false, compare: matchesArn }],
  ['ArnNotEquals', { takes: 'pattern', negated: true, compare: matchesArn }],
  ['ArnLike', { takes: 'pattern', negated: false, compare: matchesArn }],
  ['ArnNotLike', { takes: 'pattern', negated: true, compare: matchesArn }],
  ...ordered('Numeric', number),
  ...ordered('Date', date),
  [
    'Bool',
    { takes: 'text', steps: 10, negated: false, reads: reading(bool, bool, (value, wanted) => value === wanted) },
  ],
  ['BinaryEquals', { takes: 'text', steps: 50, negated: false, reads: reading(base64, base64, (a, b) => a.equals(b)) }],
  ['IpAddress', { takes: 'text', steps: 200, negated: false, reads: ipAddress }],
  ['NotIpAddress', { takes: 'text', steps: 200, negated: true, reads: ipAddress }],
]);
