import { asArray, type PolicyDocument, statementsOf } from '../document.ts';
import { newBudget } from './budget.ts';
import type { Caller, Decision, Evaluation, IdentityPolicies, JudgedCall, StatementVerdict } from './evaluation.ts';
import { contextOf } from './request-context.ts';
import { type Applicable, applicableStatements, type Subject } from './statement.ts';
import { oneOf, type Value } from './text-set.ts';
import { all, any, type Truth, truth } from './truth.ts';

/** The statements of one policy that apply to a request, or may, in the policy's order. */
export const evaluateStatements = (
  document: PolicyDocument | null,
  request: JudgedCall,
  source: StatementVerdict['source'],
): StatementVerdict[] => applicableStatements(document, subjectOf(request), source).map(({ verdict }) => verdict);

/**
 * What AWS answers to a request, as far as the policies given decide it: an explicit deny beats all; within an account
 * an Allow of either side is enough, across accounts it takes both. Service control policies, resource control
 * policies, permissions boundaries and session policies are not seen: they can only take away.
 * Source: IAM User Guide, "Policy evaluation logic" and "Cross-account policy evaluation logic".
 */
export function evaluateAccess({
  request,
  resourcePolicy,
  identityPolicies,
}: {
  request: JudgedCall;
  resourcePolicy: PolicyDocument | null;
  identityPolicies: IdentityPolicies;
}): Evaluation {
  const subject = subjectOf(request);
  const ofResource = applicableStatements(resourcePolicy, subject, 'resourcePolicy');
  const hasIdentity = hasIdentityPolicies(request.caller);
  const unseen = hasIdentity && identityPolicies === 'unknown';
  const ofIdentity =
    hasIdentity && identityPolicies !== 'unknown'
      ? identityPolicies.flatMap((document) => applicableStatements(document, subject, 'identityPolicy'))
      : [];

  const fromIdentity = (effect: 'Allow' | 'Deny'): Truth => (unseen ? 'unknown' : holds(ofIdentity, effect, 'direct'));
  const denied = any([
    holds(ofResource, 'Deny', 'direct'),
    holds(ofResource, 'Deny', 'delegated'),
    fromIdentity('Deny'),
  ]);
  const allows: Allows = {
    direct: holds(ofResource, 'Allow', 'direct'),
    delegated: holds(ofResource, 'Allow', 'delegated'),
    // The root user has no identity policies, and every permission in its own account.
    identity: request.caller.type === 'account' ? 'yes' : fromIdentity('Allow'),
  };
  const allowed = isAllowed(request, allows);
  const decision = decide(denied, allowed);
  const isOwn = request.caller.account === request.resourceAccount;
  const isSettled: Record<StatementVerdict['source'], boolean> = {
    resourcePolicy: allowed === 'yes' || any(isOwn ? [allows.direct] : [allows.direct, allows.delegated]) === 'yes',
    identityPolicy: allowed === 'yes' || allows.identity === 'yes',
  };
  return {
    decision,
    because: [...ofResource, ...ofIdentity]
      .filter((statement) => bearsOn(decision, statement, isSettled))
      .map(({ verdict }) => verdict),
    needsIdentityPolicy: unseen && decision === 'unknown',
  };
}

const subjectOf = (request: JudgedCall): Subject => ({
  request,
  context: contextOf(request),
  budget: request.budget ?? newBudget(),
});

const hasIdentityPolicies = ({ type }: Caller): boolean =>
  type === 'user' || type === 'assumedRole' || type === 'federatedUser' || type === 'someone';

/** Whether a statement of this effect applies, by this naming of the caller. */
const holds = (statements: readonly Applicable[], effect: 'Allow' | 'Deny', naming: 'direct' | 'delegated'): Truth =>
  any(statements.filter(({ verdict }) => verdict.effect === effect).map((statement) => statement[naming]));

type Allows = { direct: Truth; delegated: Truth; identity: Truth };

function isAllowed({ caller, action, resource, resourceAccount }: JudgedCall, allows: Allows): Truth {
  const { direct, delegated, identity } = allows;
  if (caller.type === 'service' || caller.type === 'anonymous') return direct;
  if (caller.account !== resourceAccount) return all([any([direct, delegated]), identity]);
  return any([direct, all([identity, any([delegated, truth(!mustAllowItself(action, resource))])])]);
}

/**
 * Key policies and role trust policies are exceptions: without an Allow of theirs for the account, identity policies
 * of that very account don't count. Source: IAM User Guide, "Policy evaluation logic"; KMS Developer Guide, "Key policies".
 */
const mustAllowItself = (action: string, resource: Value): boolean =>
  /^arn:[^:]+:kms:[^:]*:[^:]*:key\//.test(oneOf(resource)) || /^sts:/i.test(action);

function decide(denied: Truth, allowed: Truth): Decision {
  if (denied === 'yes') return 'explicitlyDenied';
  if (allowed === 'no') return 'implicitlyDenied';
  return denied === 'no' && allowed === 'yes' ? 'allowed' : 'unknown';
}

/**
 * An implicit denial is the lack of a statement: none bears on it. Allows are alternatives: one that may apply has no
 * bearing where its side allows anyhow.
 */
function bearsOn(
  decision: Decision,
  { verdict: { effect, applies, source } }: Applicable,
  isSettled: Record<StatementVerdict['source'], boolean>,
): boolean {
  if (decision === 'unknown') return applies === 'yes' || effect === 'Deny' || !isSettled[source];
  return applies === 'yes' && decision === (effect === 'Deny' ? 'explicitlyDenied' : 'allowed');
}

/**
 * Whether a resource's policy allows a call without identity policies of the caller: to one of the resource's account that
 * it names by itself, to services and to anonymous callers. Denies are left out of it.
 */
export function allowsByItself(document: PolicyDocument | null, request: JudgedCall): Truth {
  const { type, account } = request.caller;
  if (type !== 'service' && type !== 'anonymous' && account !== request.resourceAccount) return 'no';
  return holds(applicableStatements(document, subjectOf(request), 'resourcePolicy'), 'Allow', 'direct');
}

/**
 * The same by statements that name the user or the session by its ARN: what they allow, a permissions boundary or a session
 * policy can only deny. A role's ARN is not enough for that, nor is `*`.
 * Source: IAM User Guide, "Permissions boundaries for IAM entities" and "Policy evaluation logic".
 */
export function allowsByName(document: PolicyDocument | null, request: JudgedCall): Truth {
  const { type, arn, sessionArn } = request.caller;
  const name = type === 'user' ? arn : sessionArn;
  const naming = statementsOf(document).filter(
    ({ Principal = '*' }) => name !== undefined && Principal !== '*' && asArray(Principal.AWS).includes(name),
  );
  return document === null || naming.length === 0 ? 'no' : allowsByItself({ ...document, Statement: naming }, request);
}
