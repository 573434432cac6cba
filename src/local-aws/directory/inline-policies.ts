import type { PolicyDocument } from '../../policy/document.ts';
import type { PrincipalRecord } from '../records.ts';

type Inline = Pick<PrincipalRecord, 'policies' | 'policyNames'>;

/** By their names, in their order. Those that were given without names are called `policy-1`, `policy-2`, … */
export const namedPolicies = ({ policies, policyNames = [] }: Inline): Map<string, PolicyDocument> =>
  new Map(policies.map((document, index) => [policyNames[index] ?? `policy-${index + 1}`, document]));

/** With a policy of that name, in place of one of the same name; null for none. */
export function withPolicy(before: Inline, name: string, document: PolicyDocument | null): Inline {
  const named = namedPolicies(before);
  named.delete(name);
  if (document !== null) named.set(name, document);
  return { policies: [...named.values()], policyNames: [...named.keys()] };
}
