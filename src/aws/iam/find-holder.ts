import { GetRoleCommand, GetUserCommand, ListGroupsForUserCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import type { Holder } from '../../access/judge/identity/own-policies.ts';
import { isRoleOfSet, PATH_OF_SETS } from '../../policy/principals/permission-set.ts';
import { isAnswer } from '../calls/errors.ts';
import { type Ask, allOf } from './ask.ts';
import { type Bearer, groupBearer, roleBearer, userBearer } from './bearers.ts';

/** A user or role as IAM has it. `bearers`: whose policies are its own, with the words that say so where they are a group’s. */
export type Found = {
  arn: string | undefined;
  boundary: string | undefined;
  bearers: { bearer: Bearer; of: string }[];
};

/** Of a list of roles; IAM gives fewer where it likes. */
const ROLES_A_PAGE = 1_000;

/** @returns `gone` where IAM knows nobody of that name; `several`: roles of one permission set */
export async function findHolder({ type, name }: Holder, ask: Ask): Promise<Found | 'gone' | 'several'> {
  if (type === 'user') return findUser(name, ask);
  if (type === 'role') return findRole(name, ask);
  const [role, ...others] = await rolesOfSet(name, ask);
  if (others.length > 0) return 'several';
  return role === undefined ? 'gone' : findRole(role, ask);
}

/** The suffix of its name is known to Identity Center alone, and is another whenever the set is provisioned anew. */
async function rolesOfSet(set: string, ask: Ask): Promise<string[]> {
  const roles = await allOf(
    (Marker) => ask('ListRoles', new ListRolesCommand({ PathPrefix: PATH_OF_SETS, MaxItems: ROLES_A_PAGE, Marker })),
    ({ Roles = [] }) => Roles,
  );
  return roles.flatMap(({ RoleName }) => (RoleName !== undefined && isRoleOfSet(RoleName, set) ? [RoleName] : []));
}

async function findRole(RoleName: string, ask: Ask): Promise<Found | 'gone'> {
  const answer = await ask('GetRole', new GetRoleCommand({ RoleName })).catch(goneIfMissing);
  if (answer === 'gone') return answer;
  const { Arn: arn, PermissionsBoundary } = answer.Role ?? {};
  const boundary = PermissionsBoundary?.PermissionsBoundaryArn;
  return { arn, boundary, bearers: [{ bearer: roleBearer(ask, RoleName), of: '' }] };
}

async function findUser(UserName: string, ask: Ask): Promise<Found | 'gone'> {
  const answer = await ask('GetUser', new GetUserCommand({ UserName })).catch(goneIfMissing);
  if (answer === 'gone') return answer;
  const { Arn: arn, PermissionsBoundary } = answer.User ?? {};
  const groups = await allOf(
    (Marker) => ask('ListGroupsForUser', new ListGroupsForUserCommand({ UserName, Marker })),
    ({ Groups = [] }) => Groups.flatMap(({ GroupName = '' }) => GroupName),
  );
  const ofGroups = groups.map((group) => ({ bearer: groupBearer(ask, group), of: ` of group ${group}` }));
  const bearers = [{ bearer: userBearer(ask, UserName), of: '' }, ...ofGroups];
  return { arn, boundary: PermissionsBoundary?.PermissionsBoundaryArn, bearers };
}

function goneIfMissing(error: unknown): 'gone' {
  if (isAnswer(error, 'NoSuchEntityException')) return 'gone';
  throw error;
}
