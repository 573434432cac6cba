import type { Call } from '../call.ts';
import { shownPolicy } from '../enforcement/stored-policy.ts';
import type { PrincipalRecord } from '../records.ts';

/** As IAM's answers show a user, role or group. */
export function shown(call: Call, principal: PrincipalRecord) {
  const { arn, name, uniqueId, tags, trustPolicy, type, boundary, createdAt = 0 } = principal;
  const common = {
    Path: pathOf(arn),
    Arn: arn,
    CreateDate: new Date(createdAt).toISOString(),
    ...(boundary !== undefined && {
      PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: boundary },
    }),
    ...(Object.keys(tags).length === 0 ? {} : { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
  };
  if (type === 'user') return { ...common, UserName: name, UserId: uniqueId };
  if (type === 'group') return { ...common, GroupName: name, GroupId: uniqueId };
  return {
    ...common,
    RoleName: name,
    RoleId: uniqueId,
    MaxSessionDuration: principal.maxSessionSeconds ?? 3600,
    ...(trustPolicy && {
      AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(shownPolicy(trustPolicy, call.directory))),
    }),
  };
}

/** `/` and all up to the name. */
export const pathOf = (arn: string): string => /:(?:role|user|group)(\/(?:.*\/)?)/.exec(arn)?.[1] ?? '/';
