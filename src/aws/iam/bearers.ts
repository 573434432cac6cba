import {
  type AttachedPolicy,
  GetGroupPolicyCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
} from '@aws-sdk/client-iam';
import type { Ask, Paged } from './ask.ts';

/** What roles, users and groups have alike; IAM has operations of its own for each. */
export type Bearer = {
  inlineNames(Marker: string | undefined): Promise<Paged & { PolicyNames: string[] | undefined }>;
  inline(PolicyName: string): Promise<{ PolicyDocument: string | undefined }>;
  attached(Marker: string | undefined): Promise<Paged & { AttachedPolicies?: AttachedPolicy[] | undefined }>;
};

export const roleBearer = (ask: Ask, RoleName: string): Bearer => ({
  inlineNames: (Marker) => ask('ListRolePolicies', new ListRolePoliciesCommand({ RoleName, Marker })),
  inline: (PolicyName) => ask('GetRolePolicy', new GetRolePolicyCommand({ RoleName, PolicyName })),
  attached: (Marker) => ask('ListAttachedRolePolicies', new ListAttachedRolePoliciesCommand({ RoleName, Marker })),
});

export const userBearer = (ask: Ask, UserName: string): Bearer => ({
  inlineNames: (Marker) => ask('ListUserPolicies', new ListUserPoliciesCommand({ UserName, Marker })),
  inline: (PolicyName) => ask('GetUserPolicy', new GetUserPolicyCommand({ UserName, PolicyName })),
  attached: (Marker) => ask('ListAttachedUserPolicies', new ListAttachedUserPoliciesCommand({ UserName, Marker })),
});

export const groupBearer = (ask: Ask, GroupName: string): Bearer => ({
  inlineNames: (Marker) => ask('ListGroupPolicies', new ListGroupPoliciesCommand({ GroupName, Marker })),
  inline: (PolicyName) => ask('GetGroupPolicy', new GetGroupPolicyCommand({ GroupName, PolicyName })),
  attached: (Marker) => ask('ListAttachedGroupPolicies', new ListAttachedGroupPoliciesCommand({ GroupName, Marker })),
});
