import { parseArn } from '../../../policy/arn.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import type { JudgedCall } from '../../../policy/evaluate/evaluation.ts';
import { oneOf, type Value } from '../../../policy/evaluate/text-set.ts';
import type { Truth } from '../../../policy/evaluate/truth.ts';
import type { Secret } from '../../secret.ts';
import { tagKeys } from '../judged-call.ts';

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
  /** Of a key that AWS manages, which no resource control policy is about. */
  managedByAws?: boolean;
};

/** A call of one of its actions. What is not known of a reader is open. */
export const callOf = (
  need: Need,
  action: string,
  of: Required<Pick<JudgedCall, 'caller' | 'budget'>>,
): JudgedCall => ({
  ...{ ...of, action, resource: need.resource, context: need.context },
  resourceAccount: resourceOf(need)?.account ?? of.caller.account,
  contextIs: 'partial',
});

export const resourceOf = ({ resource }: Need) => parseArn(oneOf(resource));

/** The same, with the tags that policies ask for and the secret surely does not have. A key's are not known. */
export function withTags(
  needs: readonly Need[],
  { tags }: Pick<Secret, 'tags'>,
  policies: readonly PolicyDocument[],
): Need[] {
  const asked = tagKeys({ tags }, policies);
  return needs.map((need) =>
    resourceOf(need)?.service === 'secretsmanager' ? { ...need, context: { ...asked, ...need.context } } : need,
  );
}
