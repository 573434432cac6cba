import ipaddr from 'ipaddr.js';
import { operatorOf, range } from '../../../policy/evaluate/condition-operators.ts';

/** What no policy speaks of. */
export const ELSE = 'something-else';

/** Values of a key that make a test hold, and such that don't. @param wanted one of the test's texts, without variables */
export function near(text: string, wanted: string): string[] {
  const operator = text.replace(/^For(Any|All)Values?:/, '').replace(/IfExists$/, '');
  if (operatorOf(operator) === undefined) return operator === 'Null' ? [ELSE] : [];
  if (operator === 'Bool') return ['true', 'false'];
  if (/^(Not)?IpAddress$/.test(operator)) return [...bordersOf(wanted), '192.0.2.99', '2001:db8:ffff::99'];
  if (operator.startsWith('Numeric')) return [-1, 0, 1].map((step) => String(Number(wanted) + step));
  if (operator.startsWith('Date')) {
    const time = /^\d{5,}$/.test(wanted) ? Number(wanted) * 1_000 : Date.parse(wanted);
    return Number.isNaN(time) ? [] : [-1_000, 0, 1_000].map((step) => new Date(time + step).toISOString());
  }
  const other = wanted.startsWith('arn:')
    ? 'arn:aws:iam::999999999999:role/something-else'
    : wanted.startsWith('o-')
      ? 'o-somethingelse'
      : ELSE;
  const place = /^o-[a-z0-9]+(?=\/)/.exec(wanted)?.[0];
  const elsewhere = place === undefined ? [other] : [`${place}/r-elsewhere/`, `${other}/r-elsewhere/`];
  return [wanted, wanted.replaceAll(/\*|\?/g, 'x'), ...elsewhere];
}

/** The first address of a range, and the first after it: whatever ranges make of all addresses begins at one of those. */
function bordersOf(wanted: string): string[] {
  const [start, length] = range(wanted) ?? [];
  if (start === undefined || length === undefined) return [];
  const bytes = start.toByteArray();
  const host = bytes.length * 8 - length;
  const value = BigInt(`0x${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`);
  const first = (value >> BigInt(host)) << BigInt(host);
  const next = first + (1n << BigInt(host));
  return [first, next].flatMap((one) => addressOf(one, bytes.length) ?? []);
}

/** Undefined past the last one. */
function addressOf(value: bigint, length: number): string | undefined {
  const hex = value.toString(16).padStart(length * 2, '0');
  if (hex.length > length * 2) return undefined;
  return ipaddr.fromByteArray((hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16))).toString();
}
