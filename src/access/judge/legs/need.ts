import type { JudgedCall } from '../../../policy/evaluate/evaluation.ts';
import type { Value } from '../../../policy/evaluate/text-set.ts';
import type { Truth } from '../../../policy/evaluate/truth.ts';

/**
 * What a reader's identity policies have a say in.
 * `allow`: whether they must allow it, as across accounts; where they need not, they may still deny.
 * `byName`: whether the other side names the user or session, so that no permissions boundary has to allow it either.
 * `maybe`: AWS demands it, but may not ask for it.
 */
export type Need = {
  region: string;
  actions: readonly string[];
  resource: Value;
  context: JudgedCall['context'];
  allow: Truth;
  byName: Truth;
  maybe?: boolean;
};
