import Type from 'typebox';
import type { Call } from '../call.ts';
import { AwsError } from '../protocol/errors.ts';
import { type AwsOperation, operation } from '../protocol/input.ts';
import { bearerOf, PathOf, PolicyArn } from './bearer.ts';
import { existing } from './managed-policies.ts';
import { arnOf, authorizedPrincipal, authorizeOn, Name, refuseTaken } from './named.ts';
import { Paging, paged } from './paging.ts';
import { refuseWithPolicies } from './principals.ts';
import { shown } from './shown.ts';

const Member = Type.Object({ GroupName: Name, UserName: Name });

/** Groups of users, and permissions boundaries. Source: IAM API Reference. */
export const iamGroupOperations: Record<string, AwsOperation<Call>> = {
  ...boundaryOperations('Role'),
  ...boundaryOperations('User'),

  CreateGroup: operation(Type.Object({ GroupName: Name, Path: PathOf }), (call: Call, input) => {
    const arn = arnOf(call, 'group', input.GroupName, input.Path ?? '/');
    authorizeOn(call, arn);
    refuseTaken(call, 'group', input.GroupName);
    return { Group: shown(call, call.directory.createGroup(arn)) };
  }),

  DeleteGroup: operation(Type.Object({ GroupName: Name }), (call: Call, input) => {
    const group = authorizedPrincipal(call, 'group', input.GroupName);
    const { partition, account } = group;
    const users = call.directory.list(partition, account, 'user');
    if (users.some(({ groups = [] }) => groups.includes(group.name))) {
      throw new AwsError('DeleteConflict', 'Cannot delete entity, must remove users from group first.', 409);
    }
    refuseWithPolicies(group);
    call.directory.deletePrincipal(group.arn);
    return {};
  }),

  AddUserToGroup: operation(Member, (call: Call, input) => {
    const { user, name, others } = memberOf(call, input);
    call.directory.setGroups(user, [...others, name]);
    return {};
  }),

  RemoveUserFromGroup: operation(Member, (call: Call, input) => {
    const { user, others } = memberOf(call, input);
    call.directory.setGroups(user, others);
    return {};
  }),

  ListGroupsForUser: operation(Type.Object({ UserName: Name, ...Paging }), (call: Call, input) => {
    const { partition, account, groups = [] } = authorizedPrincipal(call, 'user', input.UserName);
    const { items, ...more } = paged(groups, input);
    const found = items.flatMap((name) => call.directory.findByName(partition, account, 'group', name) ?? []);
    return { Groups: found.map((group) => shown(call, group)), ...more };
  }),
};

/** @throws AwsError NoSuchEntity */
function memberOf(call: Call, { GroupName, UserName }: { GroupName: string; UserName: string }) {
  const { name, partition, account } = authorizedPrincipal(call, 'group', GroupName);
  const user = call.directory.findByName(partition, account, 'user', UserName);
  const { arn, groups = [] } = user ?? authorizedPrincipal(call, 'user', UserName);
  return { user: arn, name, others: groups.filter((group) => group !== name) };
}

function boundaryOperations(kind: 'Role' | 'User'): Record<string, AwsOperation<Call>> {
  const { shape, bearer } = bearerOf(kind);
  return {
    [`Put${kind}PermissionsBoundary`]: operation(
      Type.Object({ ...shape, PermissionsBoundary: PolicyArn }),
      (call: Call, input) => {
        const { arn } = bearer(call, input);
        existing(call, input.PermissionsBoundary);
        call.directory.setPermissionsBoundary(arn, input.PermissionsBoundary);
        return {};
      },
    ),

    [`Delete${kind}PermissionsBoundary`]: operation(Type.Object(shape), (call: Call, input) => {
      call.directory.setPermissionsBoundary(bearer(call, input).arn, null);
      return {};
    }),
  };
}
