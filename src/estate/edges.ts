import { namesIn, type Reader, readerOf } from '../access/judge/reader.ts';
import { parseArn } from '../policy/arn.ts';
import { type PolicyDocument, statementsOf } from '../policy/document.ts';
import { roleOf } from '../policy/principals/principal.ts';

/**
 * Whom an Allow of a policy speaks of, as it is looked up: more than those who may, never fewer. Whether somebody may is
 * for the judge to say.
 */
export type Edge = {
  /** An ARN, a role's without its path also for its sessions; ANYBODY for whom no account says. */
  principal: string;
  /** 12 digits; ANYBODY where it may be any, `service` for AWS services. */
  account: string;
};

/** An organization, everybody, or whom only a provider knows. */
export const ANYBODY = '*';
export const SERVICE = 'service';

/** Each once. Who was deleted is left out: nobody is it any more. */
export function edgesOf(policy: PolicyDocument | null, partition: string): Edge[] {
  const names = statementsOf(policy)
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(namesIn);
  const edges = [...new Set(names)].flatMap((name) => edgeOf(readerOf(name, partition)) ?? []);
  return [...new Map(edges.map((edge) => [edge.principal, edge])).values()];
}

export function edgeOf({ name, kind, caller: { account } }: Reader): Edge | null {
  switch (kind) {
    case 'deleted':
      return null;
    case 'service':
      return { principal: name, account: SERVICE };
    case 'account':
    case 'user':
    case 'federatedUser':
      return { principal: name, account };
    case 'role':
    case 'assumedRole':
      return { principal: roleOf(name) ?? name, account };
    default:
      return { principal: ANYBODY, account: ANYBODY };
  }
}

/** The edges by which somebody is found: its own, its account’s, and those that may be anybody’s. */
export function edgesTo(reader: Reader): { principals: string[]; accounts: string[] } {
  const edge = edgeOf(reader);
  if (edge === null || edge.account === ANYBODY) return { principals: [], accounts: [ANYBODY] };
  if (reader.kind === 'account') return { principals: [], accounts: [edge.account, ANYBODY] };
  const { partition = 'aws' } = parseArn(edge.principal) ?? {};
  return { principals: [edge.principal, `arn:${partition}:iam::${edge.account}:root`], accounts: [ANYBODY] };
}
