import { counted, listed } from '../english.ts';
import { personNamed } from '../policy/principals/principal.ts';

/** What an event says of operations and incidents. That one begins is an event of its own, beside those of its secrets. */

type Said = Record<string, unknown>;

export const orderOf = (request: Said): string =>
  `a bulk operation: ${itemsOf(request, NOUNS[String(request['action'])] ?? 'item')}${request['dryRun'] === true ? ', to check only' : ''}`;

const NOUNS: Readonly<Record<string, string>> = {
  share: 'share',
  deny: 'denial',
  revoke: 'revocation',
  applyManifest: 'secret of a manifest',
};

export function frozen(request: Said): string {
  if (isOrder(request)) return `Began to freeze ${itemsOf(request)}${exceptFor(askedIn(request)['except'])}`;
  return `Froze reading${exceptFor(request['except'])}`;
}

export function evicted(request: Said): string {
  if (!isOrder(request)) return `Evicted ${whomIn(request)}`;
  const { evict } = askedIn(request);
  return `Began to evict ${whomIn(isObject(evict) ? evict : {})} from ${itemsOf(request)}`;
}

export function lifted(request: Said): string {
  if (isOrder(request)) return `Began to lift an incident: ${itemsOf(request)}`;
  return request['of'] === 'freeze' ? 'Lifted the freeze' : `Lifted the eviction of ${whomIn(request)}`;
}

const isOrder = ({ operation }: Said): boolean => operation !== undefined;
const isObject = (value: unknown): value is Said => typeof value === 'object' && value !== null;
const askedIn = ({ asked }: Said): Said => (isObject(asked) ? asked : {});

const whomIn = ({ account, principal }: Said): string => {
  const whom = account ?? principal;
  return typeof whom === 'string' ? personNamed(whom) : 'somebody';
};

const exceptFor = (except: unknown): string =>
  Array.isArray(except) && except.length > 0
    ? `, except for ${listed(except.map((one) => personNamed(String(one))))}`
    : '';

function itemsOf({ items }: Said, one = 'secret'): string {
  const count = Number(items);
  return `${counted(count)} ${count === 1 ? one : one.replace(/^\w+/, '$&s')}`;
}
