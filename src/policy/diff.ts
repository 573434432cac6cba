import { createPatch, type Operation as PatchOperation } from 'rfc6902';
import type { PolicyDocument } from './document.ts';

export type { PatchOperation };

/** RFC 6902 operations that make one document the other. Applying them in order gives `after` to the letter. */
export const diffPolicies = (before: PolicyDocument | null, after: PolicyDocument | null): PatchOperation[] =>
  createPatch(before, after, (from, to, pointer) =>
    isList(from) && isList(to) ? diffLists(from, to, pointer.toString()) : undefined,
  );

/**
 * Lists of names (principals, actions): the library compares every element with every other, which for 600 principals
 * takes most of a second. Names that stay keep their order; then what goes and what comes can be told in one pass.
 */
function diffLists(from: readonly string[], to: readonly string[], path: string): PatchOperation[] | undefined {
  const [before, after] = [new Set(from), new Set(to)];
  if (before.size !== from.length || after.size !== to.length) return undefined;
  const stays = from.filter((name) => after.has(name));
  if (to.filter((name) => before.has(name)).some((name, index) => name !== stays[index])) return undefined;
  const gone = from.flatMap((name, index) => (after.has(name) ? [] : [index])).reverse();
  const come = to.flatMap((value, index) => (before.has(value) ? [] : [{ value, index }]));
  return [
    ...gone.map((index): PatchOperation => ({ op: 'remove', path: `${path}/${index}` })),
    ...come.map(({ value, index }): PatchOperation => ({ op: 'add', path: `${path}/${index}`, value })),
  ];
}

const isList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((element) => typeof element === 'string');
