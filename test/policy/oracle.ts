import { anonymousPrincipal, runSimulation } from '@cloud-copilot/iam-simulate';
import type { PolicyDocument } from '../../src/policy/document.ts';
import type { Caller, Decision, JudgedCall } from '../../src/policy/evaluate/evaluation.ts';
import { oneOf } from '../../src/policy/evaluate/text-set.ts';

/** One question to both evaluators. */
export type AccessCase = {
  request: JudgedCall;
  resourcePolicy: PolicyDocument | null;
  identityPolicies: PolicyDocument[];
  limits?: OracleLimits;
};

/** What only takes away. Control policies are by level, from the root to the account; the one that lets everything is told. */
export type OracleLimits = {
  permissionsBoundary?: PolicyDocument | undefined;
  sessionPolicy?: PolicyDocument | undefined;
  serviceControlPolicies: readonly PolicyDocument[][];
  resourceControlPolicies: readonly PolicyDocument[][];
};

const DECISIONS = {
  Allowed: 'allowed',
  ExplicitlyDenied: 'explicitlyDenied',
  ImplicitlyDenied: 'implicitlyDenied',
} as const;

/** The decision, and the statements that apply: `resource/SID`, `identity-0/SID` … */
export type Answer = { decision: Decision; applying: string[] };

/** What @cloud-copilot/iam-simulate answers. @throws Error when it refuses the case */
export async function askOracle({
  request,
  resourcePolicy,
  identityPolicies,
  limits = { serviceControlPolicies: [], resourceControlPolicies: [] },
}: AccessCase): Promise<Answer> {
  const { caller, action, resource, resourceAccount, context } = request;
  const result = await runSimulation(
    {
      request: {
        principal:
          caller.type === 'anonymous' ? anonymousPrincipal : (caller.service ?? caller.sessionArn ?? caller.arn),
        action,
        resource: { resource: oneOf(resource), accountId: resourceAccount },
        contextVariables: { ...mutable(context), ...callerKeys(caller), 'aws:ResourceAccount': resourceAccount },
      },
      resourcePolicy: resourcePolicy ?? undefined,
      identityPolicies: identityPolicies.map((policy, index) => ({ name: `identity-${index}`, policy })),
      serviceControlPolicies: limits.serviceControlPolicies.map(levelOf),
      resourceControlPolicies: limits.resourceControlPolicies.map(levelOf),
      ...(limits.permissionsBoundary && {
        permissionBoundaryPolicies: [{ name: 'boundary', policy: limits.permissionsBoundary }],
      }),
      ...(limits.sessionPolicy && { sessionPolicy: limits.sessionPolicy }),
    },
    {},
  );
  if (result.resultType !== 'single') throw new Error(`iam-simulate refuses the case: ${JSON.stringify(result)}`);
  const { resourceAnalysis, identityAnalysis } = result.result.analysis;
  return {
    decision: DECISIONS[result.overallResult],
    applying: [resourceAnalysis, identityAnalysis]
      .flatMap((analysis) => [...(analysis?.allowStatements ?? []), ...(analysis?.denyStatements ?? [])])
      .map(({ policyId, statement }) => `${policyId ?? 'resource'}/${statement.sid()}`)
      .toSorted(),
  };
}

const levelOf = (policies: readonly PolicyDocument[], level: number) => ({
  orgIdentifier: `level-${level}`,
  policies: policies.map((policy, index) => ({ name: `control-${level}-${index}`, policy })),
});

const mutable = (context: JudgedCall['context']): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(context).map(([key, value]) => {
      if (typeof value !== 'string' && 'globs' in value) throw new Error('The oracle knows each value.');
      return [key, typeof value === 'string' ? value : [...value]];
    }),
  );

/** It derives no keys by itself. */
function callerKeys(caller: Caller): Record<string, string> {
  if (caller.type === 'anonymous') return { 'aws:PrincipalType': 'Anonymous' };
  if (caller.type === 'service') {
    return { 'aws:PrincipalIsAWSService': 'true', 'aws:PrincipalServiceName': caller.service ?? '' };
  }
  if (caller.type === 'someone') throw new Error('The oracle knows each caller.');
  const types = { user: 'User', assumedRole: 'AssumedRole', federatedUser: 'FederatedUser', account: 'Account' };
  return {
    'aws:PrincipalIsAWSService': 'false',
    'aws:PrincipalArn': caller.arn,
    'aws:PrincipalAccount': caller.account,
    'aws:PrincipalType': types[caller.type],
    ...(caller.type === 'user' && { 'aws:username': caller.arn.slice(caller.arn.lastIndexOf('/') + 1) }),
  };
}
