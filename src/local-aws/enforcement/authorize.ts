import type { PolicyDocument } from '../../policy/document.ts';
import { evaluateAccess } from '../../policy/evaluate/evaluate.ts';
import type { Evaluation, JudgedCall } from '../../policy/evaluate/evaluation.ts';
import type { Call, LocalCaller, Network } from '../call.ts';
import { identityPoliciesOf } from '../directory/managed-policies.ts';
import { accessDenied } from '../protocol/errors.ts';
import { type Limitation, limitationOf } from './limits.ts';
import type { Context, Target } from './target.ts';

export type { Context, Target } from './target.ts';

/** @throws AwsError AccessDeniedException, in AWS's words */
export function authorize(call: Call, action: string, target: Target, context: Context = {}): void {
  const refusal = refusalOf(call, action, target, { ...requestContext(call), ...context });
  if (refusal !== null) throw accessDenied(refusal);
}

/** Why the call is refused, as AWS words it; null when it is allowed. `context` is complete: what is not in it, is absent. */
export function refusalOf(call: Call, action: string, target: Target, context: Context): string | null {
  const { accounts, caller } = call;
  const owner = accounts.organizationOf(target.account);
  const path = accounts.organizationPathOf(target.account);
  const request: JudgedCall = {
    caller,
    action,
    resource: target.arn,
    resourceAccount: target.account,
    context: {
      ...context,
      'aws:ResourceAccount': target.account,
      ...(owner === null ? {} : { 'aws:ResourceOrgID': owner }),
      ...(path === null ? {} : { 'aws:ResourceOrgPaths': [path] }),
    },
    contextIs: 'complete',
  };
  const policies = identityPoliciesOf(call.store, caller.principal);
  const evaluation = evaluateAccess({ request, resourcePolicy: target.policy, identityPolicies: policies });
  const because = reason(evaluation, request, target, limitationOf(call, request, target));
  if (because === null) return null;
  return `User: ${caller.shownArn} is not authorized to perform: ${action} on resource: ${target.shownAs ?? target.arn} ${because}`;
}

const EVERYTHING: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

function reason(
  evaluation: Evaluation,
  request: JudgedCall,
  target: Target,
  { denied, notAllowed }: Limitation,
): string | null {
  const crossAccount = request.caller.account !== target.account;
  if (denied !== undefined) return `with an explicit deny in a ${denied}`;
  if (evaluation.decision === 'explicitlyDenied') {
    const source = evaluation.because.find(({ effect }) => effect === 'Deny')?.source;
    return `with an explicit deny in ${source === 'resourcePolicy' ? 'a resource-based' : 'an identity-based'} policy`;
  }
  if (notAllowed === 'service control policy') return noneAllows(notAllowed, request.action);
  if (evaluation.decision === 'allowed') {
    return notAllowed === undefined ? null : noneAllows(notAllowed, request.action);
  }
  const needsPolicy = crossAccount || target.policyRequired === true;
  const missing = needsPolicy && !resourceSideAllows(request, target.policy) ? 'resource-based' : 'identity-based';
  return noneAllows(`${missing} policy`, request.action);
}

const noneAllows = (kind: string, action: string): string => `because no ${kind} allows the ${action} action`;

/** For the words of a refusal: asked as a stranger with every identity permission, the resource's policy alone decides. */
const resourceSideAllows = (request: JudgedCall, resourcePolicy: PolicyDocument | null): boolean =>
  evaluateAccess({
    request: { ...request, resourceAccount: '' },
    resourcePolicy,
    identityPolicies: [EVERYTHING],
  }).decision === 'allowed';

/**
 * The condition keys of every request. Source: IAM User Guide, "AWS global condition context keys".
 * aws:SecureTransport is true although the stand-in speaks plain HTTP: AWS itself is only reached by TLS.
 * @param service set where an AWS service calls for the caller: then the caller's address is not known
 */
export function requestContext(call: Call, service?: string): Context {
  const { caller, now } = call;
  const organization = call.accounts.organizationOf(caller.account);
  const path = call.accounts.organizationPathOf(caller.account);
  return {
    'aws:CurrentTime': now.toISOString(),
    'aws:EpochTime': String(Math.floor(now.getTime() / 1000)),
    'aws:SecureTransport': 'true',
    'aws:RequestedRegion': call.region,
    'aws:PrincipalArn': caller.arn,
    'aws:PrincipalAccount': caller.account,
    'aws:PrincipalType': caller.type === 'user' ? 'User' : 'AssumedRole',
    'aws:PrincipalIsAWSService': 'false',
    'aws:userid': caller.userId,
    'aws:ViaAWSService': String(service !== undefined),
    ...sessionContext(caller, now),
    ...(caller.type === 'user' ? { 'aws:username': caller.principal.name } : {}),
    ...(organization === null ? {} : { 'aws:PrincipalOrgID': organization }),
    ...(path === null ? {} : { 'aws:PrincipalOrgPaths': [path] }),
    ...(service === undefined ? { ...networkContext(call.network), 'aws:UserAgent': call.userAgent } : {}),
    ...Object.fromEntries(
      Object.entries({ ...caller.principal.tags, ...caller.session?.tags }).map(([key, value]) => [
        `aws:PrincipalTag/${key}`,
        value,
      ]),
    ),
  };
}

/** Of temporary credentials; long-lived ones have none of these. Source: the same page, properties of role sessions. */
function sessionContext({ type, session }: LocalCaller, now: Date): Context {
  if (type === 'user' && session === undefined) return {};
  const issued = session && { 'aws:TokenIssueTime': new Date(session.issuedAt).toISOString() };
  const keys = { 'aws:MultiFactorAuthPresent': 'false', ...issued, ...session?.keys };
  if (session === undefined || keys['aws:MultiFactorAuthPresent'] !== 'true') return keys;
  return { ...keys, 'aws:MultiFactorAuthAge': String(Math.floor((now.getTime() - session.issuedAt) / 1000)) };
}

/** aws:SourceIp is absent where the call comes through a VPC endpoint. Source: the same page. */
const networkContext = (network: Network): Context =>
  'sourceIp' in network
    ? { 'aws:SourceIp': network.sourceIp }
    : {
        'aws:SourceVpc': network.vpc,
        'aws:SourceVpce': network.vpcEndpoint,
        'aws:VpcSourceIp': network.vpcSourceIp,
      };
