import { FULL_ACCESS } from '../../src/local-aws/directory/organizations.ts';
import type { PolicyDocument, Statement } from '../../src/policy/document.ts';
import type { Bed } from './bed.ts';
import { ACCOUNTS, type Caller, HOME } from './cast.ts';
import type { World } from './world.ts';

/** Kinds of policies that give nothing and take away. */
export const LIMITS = [
  'permissionsBoundary',
  'sessionPolicy',
  'serviceControlPolicy',
  'resourceControlPolicy',
] as const;
export type Limit = (typeof LIMITS)[number];

/** Those of a world, beside the boundaries of its users and roles. */
export type Limits = {
  /** The account that manages the first organization, and that no control policy binds; null: one of nobody. */
  management: string | null;
  /** By the ARN of a session: its policy. */
  sessions: Record<string, Statement[]>;
  /** By root, unit or account: one policy, in the place of the one that allows everything. */
  serviceControl: Record<string, Statement[]>;
  /** Likewise, beside it. */
  resourceControl: Record<string, Statement[]>;
};

/** What control policies are attached to: `set-up.ts` puts accounts there. */
export const TARGETS: readonly string[] = ['r-home', 'ou-home-00000001', 'r-else', ...ACCOUNTS];

export const documentOf = (statements: readonly Statement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [...statements],
});

/** What a caller itself has of them: its boundary and the policy of its session. */
export const ownLimits = (
  { boundaries, limits }: World,
  { arn, principal }: Caller,
): Partial<Record<Limit, Statement[]>> => ({
  ...(boundaries[principal.arn] && { permissionsBoundary: boundaries[principal.arn] }),
  ...(limits?.sessions[arn] && { sessionPolicy: limits.sessions[arn] }),
});

/** Brings it about that those of `under`, and no others, bind a caller. */
export function limiterOf({ aws: { directory, organizations } }: Bed, world: World) {
  const bound = new Map<string, boolean>();
  let attached = '';
  const isNew = (who: string, binds: boolean): boolean => {
    const is = bound.get(who) !== binds;
    bound.set(who, binds);
    return is;
  };
  const { serviceControl = {}, resourceControl = {} } = world.limits ?? {};
  return (caller: Caller, under: readonly Limit[]): void => {
    const { arn, principal, session, accessKeyId } = caller;
    const { permissionsBoundary, sessionPolicy } = ownLimits(world, caller);
    const isBounded = under.includes('permissionsBoundary') && permissionsBoundary !== undefined;
    if (isNew(principal.arn, isBounded)) {
      directory.setPermissionsBoundary(principal.arn, isBounded ? documentOf(permissionsBoundary) : null);
    }
    if (session !== undefined && sessionPolicy !== undefined && isNew(arn, under.includes('sessionPolicy'))) {
      const policies = under.includes('sessionPolicy') ? { policies: [documentOf(sessionPolicy)] } : {};
      directory.createSession(principal.arn, session, accessKeyId, policies);
    }
    const controls = under.filter((limit) => limit.endsWith('ControlPolicy')).join();
    if (world.limits === null || controls === attached) return;
    attached = controls;
    for (const [target, statements] of Object.entries(serviceControl)) {
      const is = under.includes('serviceControlPolicy');
      organizations.setServiceControlPolicies(target, [is ? documentOf(statements) : FULL_ACCESS]);
    }
    for (const [target, statements] of Object.entries(resourceControl)) {
      const is = under.includes('resourceControlPolicy');
      organizations.setResourceControlPolicies(target, is ? [documentOf(statements)] : []);
    }
  };
}

/** Takes away what the world before has left, and says who manages the organization of this one. */
export function resetLimits(
  { aws: { directory, organizations } }: Bed,
  callers: readonly Caller[],
  world: World,
): void {
  for (const target of TARGETS) {
    const { serviceControl, resourceControl } = organizations.attached(target);
    if (serviceControl.some((policy) => policy !== FULL_ACCESS)) {
      organizations.setServiceControlPolicies(target, [FULL_ACCESS]);
    }
    if (resourceControl.length > 0) organizations.setResourceControlPolicies(target, []);
  }
  if (world.limits === null) return;
  organizations.setManagementAccount(HOME, world.limits.management ?? '999999999999');
  for (const { principal, session, accessKeyId } of callers) {
    if (session !== undefined) directory.createSession(principal.arn, session, accessKeyId);
  }
}
