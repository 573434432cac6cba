import { asArray, type PolicyDocument, statementsOf } from '../../policy/document.ts';
import { allowsByItself, evaluateStatements } from '../../policy/evaluate/evaluate.ts';
import type { JudgedCall } from '../../policy/evaluate/evaluation.ts';
import type { Call } from '../call.ts';
import { boundaryOf } from '../directory/managed-policies.ts';
import type { Target } from './target.ts';

/**
 * Policies that give nothing and take away: what none of them allows, or one denies, is refused whatever else allows it.
 * Source: IAM User Guide, "Policy evaluation logic".
 */
type Limit = {
  /** As AWS's messages call it. */
  name: 'resource control policy' | 'service control policy' | 'permissions boundary' | 'session policy';
  policies: readonly PolicyDocument[];
  /** Whether something in it has to allow the call. */
  mustAllow: boolean;
};

/** What stands in the way, as AWS words it: an explicit Deny, or that nothing allows. */
export type Limitation = { denied?: string; notAllowed?: string };

export function limitationOf(call: Call, request: JudgedCall, target: Target): Limitation {
  const limits = limitsOf(call, request, target);
  const denied = limits.find(({ policies, name }) => has('Deny', policies, name, request));
  const closed = limits.find(({ policies, name, mustAllow }) => mustAllow && !has('Allow', policies, name, request));
  return {
    ...(denied && { denied: denied.name }),
    ...(closed && { notAllowed: closed.name }),
  };
}

/** An Allow that may apply allows nothing, a Deny that may apply denies. */
function has(effect: 'Allow' | 'Deny', policies: readonly PolicyDocument[], name: Limit['name'], request: JudgedCall) {
  const source = name === 'resource control policy' ? 'resourcePolicy' : 'identityPolicy';
  return policies
    .flatMap((policy) => evaluateStatements(policy, request, source))
    .some((verdict) => verdict.effect === effect && (effect === 'Deny' || verdict.applies === 'yes'));
}

function limitsOf({ caller, organizations, store }: Call, request: JudgedCall, target: Target): Limit[] {
  const boundary = boundaryOf(store, caller.principal);
  const isServiceLinked = caller.arn.includes(':role/aws-service-role/');
  const resourceControl =
    isServiceLinked || !bindsResource(request.action, target)
      ? []
      : organizations.controlPoliciesOf(target.account, 'resourceControl');
  const serviceControl = isServiceLinked ? [] : organizations.controlPoliciesOf(caller.account, 'serviceControl');
  const mustAllow = (boundary ?? caller.session?.policies) !== undefined && !isNamedItself(request, target);
  return [
    ...resourceControl.map((policies): Limit => ({ name: 'resource control policy', policies, mustAllow: false })),
    ...serviceControl.map((policies): Limit => ({ name: 'service control policy', policies, mustAllow: true })),
    ...(boundary === undefined ? [] : [{ name: 'permissions boundary', policies: [boundary], mustAllow } as const]),
    ...(caller.session?.policies ?? []).map(
      (policy): Limit => ({ name: 'session policy', policies: [policy], mustAllow }),
    ),
  ];
}

/**
 * Resources of these services only, and no keys that AWS manages.
 * Source: Organizations User Guide, "Resource control policies (RCPs)".
 */
const bindsResource = (action: string, { arn, managedByAws }: Target): boolean =>
  /^(secretsmanager|kms|sts|sqs):/.test(action) && arn !== '*' && managedByAws !== true;

/**
 * Whether a policy of the same account allows the call to this very user, or this very session: boundaries and session
 * policies then only deny. One that names the role, or everybody, does not do that.
 * Source: as above, "Evaluating identity-based policies with resource-based policies"; IAM User Guide, "Permissions
 * boundaries for IAM entities". That `*` names nobody in this sense is assumed.
 */
function isNamedItself(request: JudgedCall, { account, policy }: Target): boolean {
  const { caller } = request;
  if (policy === null || caller.account !== account) return false;
  const name = caller.sessionArn ?? caller.arn;
  const naming = statementsOf(policy).filter(
    ({ Principal }) => Principal !== undefined && Principal !== '*' && asArray(Principal.AWS).includes(name),
  );
  return naming.length > 0 && allowsByItself({ ...policy, Statement: naming }, request) === 'yes';
}
