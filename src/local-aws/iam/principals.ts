import Type, { type Static } from 'typebox';
import type { Call } from '../call.ts';
import { managedPolicy } from '../directory/managed-policies.ts';
import { readTrustPolicy } from '../enforcement/identity-policy.ts';
import { storedPolicy } from '../enforcement/stored-policy.ts';
import { AwsError } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import type { PrincipalRecord, PrincipalType } from '../records.ts';
import { arnOf, authorizedPrincipal, authorizeOn, Name, noSuchEntity, refuseTaken } from './named.ts';
import { Paging, paged } from './paging.ts';
import { pathOf, shown } from './shown.ts';

const Path = optional(text(1, 512, '^(/[!-~]+)*/$'));
const List = Type.Object({ PathPrefix: Path, ...Paging });
const PermissionsBoundary = optional(text(20, 2_048));
const Tags = optional(Type.Array(Type.Object({ Key: text(1, 128), Value: text(0, 256) }), { maxItems: 50 }));

/** Source: IAM API Reference. Names are unique in an account, whatever the path. */
export const iamPrincipalOperations: Record<string, AwsOperation<Call>> = {
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
};

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
