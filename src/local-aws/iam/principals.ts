import Type, { type Static } from 'typebox';
import type { Call } from '../call.ts';
import { newIamId } from '../directory/identity.ts';
import { managedPolicy } from '../directory/managed-policies.ts';
import { authorize } from '../enforcement/authorize.ts';
import { readTrustPolicy } from '../enforcement/identity-policy.ts';
import { shownPolicy, storedPolicy } from '../enforcement/stored-policy.ts';
import { AwsError } from '../protocol/errors.ts';
import { type Operation, operation, optional, text } from '../protocol/input.ts';
import type { PrincipalRecord, PrincipalType } from '../records.ts';
import { Paging, paged } from './paging.ts';

export const Name = text(1, 128, String.raw`^[\w+=,.@-]+$`);
const Path = optional(text(1, 512, '^(/[!-~]+)*/$'));
const List = Type.Object({ PathPrefix: Path, ...Paging });
const PermissionsBoundary = optional(text(20, 2_048));
const Tags = optional(Type.Array(Type.Object({ Key: text(1, 128), Value: text(0, 256) }), { maxItems: 50 }));

/** Source: IAM API Reference. Names are unique in an account, whatever the path. */
export const iamPrincipalOperations: Record<string, Operation<Call>> = {
  CreateRole: operation(
    Type.Object({
      RoleName: Name,
      Path,
      AssumeRolePolicyDocument: text(1, 131_072),
      MaxSessionDuration: optional(text(4, 5, String.raw`^\d+$`)),
      PermissionsBoundary,
      Tags,
    }),
    (call: Call, { RoleName: name, Path: path = '/', MaxSessionDuration: seconds = '3600', ...input }) => {
      const arn = arnOf(call, 'role', name, path);
      authorizeOn(call, arn);
      refuseTaken(call, 'role', name);
      const trustPolicy = readTrustPolicy(input.AssumeRolePolicyDocument);
      refuseUnknownPrincipals(call, trustPolicy);
      refuseMissingPolicy(call, input.PermissionsBoundary);
      const tags = Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
      const role = { arn, policies: [], trustPolicy, tags, maxSessionSeconds: Number(seconds) };
      return { Role: created(call, call.directory.createRole(role), input.PermissionsBoundary) };
    },
  ),

  GetRole: operation(Type.Object({ RoleName: Name }), (call: Call, input) => ({
    Role: shown(call, authorizedPrincipal(call, 'role', input.RoleName)),
  })),

  ListRoles: operation(List, (call: Call, input) => {
    const { items, ...more } = listed(call, 'role', input);
    return { Roles: items, ...more };
  }),

  DeleteRole: operation(Type.Object({ RoleName: Name }), (call: Call, input) => {
    const role = authorizedPrincipal(call, 'role', input.RoleName);
    refuseWithPolicies(role);
    call.directory.deletePrincipal(role.arn);
    return {};
  }),

  CreateUser: operation(Type.Object({ UserName: Name, Path, PermissionsBoundary, Tags }), (call: Call, input) => {
    const arn = arnOf(call, 'user', input.UserName, input.Path ?? '/');
    authorizeOn(call, arn);
    refuseTaken(call, 'user', input.UserName);
    refuseMissingPolicy(call, input.PermissionsBoundary);
    const tags = Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
    const user = call.directory.createUser({ arn, policies: [], tags });
    return { User: created(call, user, input.PermissionsBoundary) };
  }),

  GetUser: operation(Type.Object({ UserName: Name }), (call: Call, input) => ({
    User: shown(call, authorizedPrincipal(call, 'user', input.UserName)),
  })),

  ListUsers: operation(List, (call: Call, input) => {
    const { items, ...more } = listed(call, 'user', input);
    return { Users: items, ...more };
  }),

  DeleteUser: operation(Type.Object({ UserName: Name }), (call: Call, input) => {
    const user = authorizedPrincipal(call, 'user', input.UserName);
    refuseWithPolicies(user);
    call.directory.deletePrincipal(user.arn);
    return {};
  }),

  CreateAccessKey: operation(Type.Object({ UserName: Name }), (call: Call, input) => {
    const user = authorizedPrincipal(call, 'user', input.UserName);
    const id = newIamId('AKIA').slice(0, 20);
    call.directory.createAccessKey(user.arn, id);
    const key = { UserName: user.name, AccessKeyId: id, Status: 'Active', SecretAccessKey: 'any-secret-key-will-do' };
    return { AccessKey: { ...key, CreateDate: call.now.toISOString() } };
  }),

  DeleteAccessKey: operation(Type.Object({ UserName: Name, AccessKeyId: text(16, 128) }), (call: Call, input) => {
    const user = authorizedPrincipal(call, 'user', input.UserName);
    if (!call.directory.deleteAccessKey(user.arn, input.AccessKeyId)) {
      throw noSuchEntity(`The Access Key with id ${input.AccessKeyId} cannot be found.`);
    }
    return {};
  }),
};

/** The user, role or group of the caller's account, once the caller may do this to it. @throws AwsError NoSuchEntity */
export function authorizedPrincipal(call: Call, type: PrincipalType, name: string): PrincipalRecord {
  const { partition, caller, directory } = call;
  const principal = directory.findByName(partition, caller.account, type, name);
  authorizeOn(call, principal?.arn ?? arnOf(call, type, name, '/'));
  if (principal !== undefined) return principal;
  throw noSuchEntity(`The ${type} with name ${name} cannot be found.`);
}

export const noSuchEntity = (message: string): AwsError => new AwsError('NoSuchEntity', message, 404);

export const arnOf = (
  { partition, caller }: Call,
  type: PrincipalType | 'policy',
  name: string,
  path: string,
): string => `arn:${partition}:iam::${caller.account}:${type}${path}${name}`;

export const authorizeOn = (call: Call, arn: string): void =>
  authorize(call, call.action, { arn, account: call.caller.account, policy: null });

/** @throws AwsError NoSuchEntity */
function refuseMissingPolicy({ store }: Call, arn: string | undefined): void {
  if (arn === undefined || managedPolicy(store, arn) !== undefined) return;
  throw noSuchEntity(`Policy ${arn} was not found.`);
}

function created(call: Call, principal: PrincipalRecord, boundary: string | undefined) {
  if (boundary === undefined) return shown(call, principal);
  call.directory.setPermissionsBoundary(principal.arn, boundary);
  return shown(call, { ...principal, boundary });
}

function listed(call: Call, type: PrincipalType, { PathPrefix: prefix = '/', ...input }: Static<typeof List>) {
  authorizeOn(call, arnOf(call, type, '*', '/'));
  const { partition, caller, directory } = call;
  const found = directory.list(partition, caller.account, type).filter(({ arn }) => pathOf(arn).startsWith(prefix));
  const byName = new Map(found.map((principal) => [principal.name, principal]));
  const { items, ...more } = paged([...byName.keys()], input);
  return { items: items.flatMap((name) => byName.get(name) ?? []).map((one) => shown(call, one)), ...more };
}

export function refuseTaken({ partition, caller, directory }: Call, type: PrincipalType, name: string): void {
  if (directory.findByName(partition, caller.account, type, name) === undefined) return;
  throw alreadyExists(type.charAt(0).toUpperCase() + type.slice(1), name);
}

export const alreadyExists = (what: string, name: string): AwsError =>
  new AwsError('EntityAlreadyExists', `${what} with name ${name} already exists.`, 409);

/** IAM takes no principal that does not exist. */
export function refuseUnknownPrincipals(
  { partition, directory }: Call,
  policy: Parameters<typeof storedPolicy>[0],
): void {
  try {
    storedPolicy(policy, partition, directory, 'Invalid principal in policy');
  } catch (error) {
    throw error instanceof AwsError ? new AwsError('MalformedPolicyDocument', error.message) : error;
  }
}

export function refuseWithPolicies({ policies, attached = [] }: PrincipalRecord): void {
  if (policies.length + attached.length > 0) {
    throw new AwsError('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409);
  }
}

/** `/` and all up to the name. */
const pathOf = (arn: string): string => /:(?:role|user|group)(\/(?:.*\/)?)/.exec(arn)?.[1] ?? '/';

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
