import { FULL_ACCESS } from '../../src/local-aws/directory/organizations.ts';
import { asArray, type PolicyDocument, type Statement, statementsOf } from '../../src/policy/document.ts';
import type { OracleLimits } from '../policy/oracle.ts';
import { type Bed, EVERYTHING } from './bed.ts';
import { type Caller, HOME, OWNER } from './cast.ts';
import { documentOf, ownLimits } from './limits.ts';
import type { Staged } from './set-up.ts';
import type { Identity } from './truth.ts';
import type { World } from './world.ts';

/** A call as the other simulator takes it. */

export type Asked = { bed: Bed; staged: Staged; caller: Caller; region: string; identity: Identity };

type Context = Record<string, string | string[]>;

export const identityOf = (world: World, caller: Caller, identity: Identity): PolicyDocument[] => {
  const own = world.identities[caller.principal.arn];
  if (identity === 'everything') return [EVERYTHING];
  return identity === 'own' && own ? [{ Version: '2012-10-17', Statement: own }] : [];
};

export const simulated = ({ arn, principal, session }: Caller) => ({
  type: session === undefined ? ('user' as const) : ('assumedRole' as const),
  arn: principal.arn,
  account: principal.account,
  ...(session !== undefined && { sessionArn: arn }),
});

const unitsOf = (organization: string): string[] =>
  organization === HOME ? ['r-home', 'ou-home-00000001'] : ['r-else'];

/** What of a world's limits binds a caller, and the secret. Source: IAM User Guide, "Policy evaluation logic". */
export function limitsOf(world: World, caller: Caller): OracleLimits {
  const { permissionsBoundary, sessionPolicy } = ownLimits(world, caller);
  const levels = (account: string): string[] => {
    const organization = world.organizations[account] ?? null;
    const isBound = organization !== null && !(organization === HOME && world.limits?.management === account);
    return isBound ? [...unitsOf(organization), account] : [];
  };
  const { serviceControl = {}, resourceControl = {} } = world.limits ?? {};
  const attached = (statements: Record<string, Statement[]>, otherwise: PolicyDocument[]) => (target: string) =>
    statements[target] === undefined ? otherwise : [documentOf(statements[target])];
  return {
    permissionsBoundary: permissionsBoundary && documentOf(permissionsBoundary),
    sessionPolicy: sessionPolicy && documentOf(sessionPolicy),
    serviceControlPolicies: levels(caller.principal.account).map(attached(serviceControl, [FULL_ACCESS])),
    resourceControlPolicies: levels(OWNER).map(attached(resourceControl, [])),
  };
}

/**
 * Who is named itself by a policy of its own account is not bound by what its session's policy leaves out, which the other
 * simulator does not know; that `*` names nobody in this sense it takes otherwise.
 */
export const isBeyondLimits = (policy: PolicyDocument | null, { arn, principal }: Caller): boolean =>
  principal.account === OWNER &&
  statementsOf(policy).some(({ Effect, Principal, NotPrincipal }) => {
    const names = Principal === undefined || Principal === '*' ? ['*'] : asArray(Principal.AWS);
    return Effect === 'Allow' && (NotPrincipal !== undefined || names.includes('*') || names.includes(arn));
  });

/** Source: IAM User Guide, "AWS global condition context keys". */
export function contextOf(
  { aws }: Bed,
  { organizations }: World,
  { principal, session }: Caller,
  region: string,
): Context {
  const id = aws.directory.find(principal.arn)?.uniqueId ?? '';
  const ofOrganization = (account: string, who: 'Principal' | 'Resource'): Context => {
    const organization = organizations[account] ?? null;
    if (organization === null) return {};
    const path = `${[organization, ...unitsOf(organization)].join('/')}/`;
    return { [`aws:${who}OrgID`]: organization, [`aws:${who}OrgPaths`]: [path] };
  };
  const now = new Date();
  return {
    'aws:CurrentTime': now.toISOString(),
    'aws:EpochTime': String(Math.floor(now.getTime() / 1000)),
    'aws:SecureTransport': 'true',
    'aws:RequestedRegion': region,
    'aws:userid': session === undefined ? id : `${id}:${session}`,
    ...Object.fromEntries(Object.entries(principal.tags).map(([name, value]) => [`aws:PrincipalTag/${name}`, value])),
    ...ofOrganization(principal.account, 'Principal'),
    ...ofOrganization(OWNER, 'Resource'),
  };
}
