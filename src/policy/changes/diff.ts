import type { PolicyDocument } from '../document.ts';

/** An operation of JSON Patch (RFC 6902); `path` is a JSON Pointer (RFC 6901). */
export type PatchOperation = { op: 'add' | 'replace'; path: string; value: unknown } | { op: 'remove'; path: string };

/**
 * RFC 6902 operations that make one document the other, in the time that reading both takes. Applying them in order gives
 * `after` to the letter.
 */
export const diffPolicies = (before: PolicyDocument | null, after: PolicyDocument | null): PatchOperation[] =>
  diff(before, after, '');

function diff(before: unknown, after: unknown, path: string): PatchOperation[] {
  if (before === after) return [];
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(before, after, path);
  if (isObject(before) && isObject(after)) return diffObjects(before, after, path);
  return [{ op: 'replace', path, value: after }];
}

type Members = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function diffObjects(before: Members, after: Members, path: string): PatchOperation[] {
  const at = (name: string) => `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  return [
    ...gone.map((name): PatchOperation => ({ op: 'remove', path: at(name) })),
    ...Object.entries(after).flatMap(([name, value]): PatchOperation[] =>
      Object.hasOwn(before, name) ? diff(before[name], value, at(name)) : [{ op: 'add', path: at(name), value }],
    ),
  ];
}

/**
 * Elements that are in both lists, in the same order, stay; what lies between two of them is compared place by place. From
 * the end, so that places before are still those of `from`. To compare every element with every other would take seconds for
 * some documents that AWS attaches.
 */
function diffLists(from: readonly unknown[], to: readonly unknown[], path: string): PatchOperation[] {
  const operations: PatchOperation[] = [];
  let end: Place = [from.length, to.length];
  for (const place of [...staying(from, to).reverse(), START]) {
    const [was, is] = place;
    const start: Place = place === START ? [0, 0] : [was + 1, is + 1];
    operations.push(...diffPlaces(from.slice(start[0], end[0]), to.slice(start[1], end[1]), path, start[0]));
    if (place !== START) operations.push(...diff(from[was], to[is], `${path}/${was}`));
    end = place;
  }
  return operations;
}

/** Where an element is in the one list and in the other. */
type Place = readonly [number, number];
const START: Place = [-1, -1];

/** None where elements repeat, or stand in another order. */
function staying(from: readonly unknown[], to: readonly unknown[]): Place[] {
  const [before, after] = [indexed(from), indexed(to)];
  const places = [...before].flatMap(([key, was]): Place[] => {
    const is = after.get(key);
    return is === undefined ? [] : [[was, is]];
  });
  const keepOrder = places.every(([, is], index) => is > (places[index - 1]?.[1] ?? -1));
  return before.size === from.length && after.size === to.length && keepOrder ? places : [];
}

/** Where each element is, by what makes it the same element: a statement’s Sid, else all that it says. */
const indexed = (list: readonly unknown[]): ReadonlyMap<string, number> =>
  new Map(list.map((element, index) => [keyOf(element), index]));

const keyOf = (element: unknown): string =>
  isObject(element) && typeof element['Sid'] === 'string' ? `Sid ${element['Sid']}` : JSON.stringify(element);

/** @param first the place of the first of them in the whole list */
function diffPlaces(from: readonly unknown[], to: readonly unknown[], path: string, first: number): PatchOperation[] {
  const shared = Math.min(from.length, to.length);
  return [
    ...from.slice(shared).map((): PatchOperation => ({ op: 'remove', path: `${path}/${first + shared}` })),
    ...to.slice(0, shared).flatMap((value, index) => diff(from[index], value, `${path}/${first + index}`)),
    ...to
      .slice(shared)
      .map((value, index): PatchOperation => ({ op: 'add', path: `${path}/${first + shared + index}`, value })),
  ];
}
