import type { PolicyDocument } from '../../src/policy/document.ts';
import { type Bed, EVERYTHING } from './bed.ts';
import { type Caller, HOME, OWNER } from './cast.ts';
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
    const path = organization === HOME ? `${organization}/r-home/ou-home-00000001/` : `${organization}/r-else/`;
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
