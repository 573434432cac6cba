/** Actions that the kit calls with the credentials of a profile, on `*`: said before anything is made, and held by a test. */
type Permissions = readonly string[];

/** In both accounts: what makes roles and a key, and deletes all that there is of the kit's. */
export const IN_BOTH: Permissions = [
  ...actions('secretsmanager', 'ListSecrets DeleteSecret'),
  ...actions('kms', 'CreateKey TagResource ListKeys ListResourceTags ScheduleKeyDeletion CancelKeyDeletion'),
  ...actions('iam', 'CreateRole TagRole GetRole ListRoles DeleteRole PutRolePolicy ListRolePolicies DeleteRolePolicy'),
  ...actions('sts', 'AssumeRole'),
];

/** Besides, in the account of --account-profile: what facts are tried with. */
export const IN_THE_FIRST: Permissions = [
  ...actions('secretsmanager', 'CreateSecret TagResource DescribeSecret GetResourcePolicy PutResourcePolicy'),
  ...actions('secretsmanager', 'ValidateResourcePolicy PutSecretValue UpdateSecret ListSecretVersionIds'),
  ...actions('secretsmanager', 'ReplicateSecretToRegions RemoveRegionsFromReplication'),
  // Not called: who could not detach a policy may be locked out by any, as ValidateResourcePolicy sees it.
  ...actions('secretsmanager', 'DeleteResourcePolicy'),
  ...actions('kms', 'PutKeyPolicy CreateGrant ListGrants RevokeGrant DisableKey EnableKey'),
  ...actions('kms', 'DescribeKey Encrypt Decrypt GenerateDataKey'),
  ...actions('iam', 'GetRolePolicy PutRolePermissionsBoundary'),
  ...actions('organizations', 'DescribeOrganization'),
  ...actions('access-analyzer', 'ValidatePolicy'),
];

function actions(service: string, names: string): string[] {
  return names.split(' ').map((name) => `${service}:${name}`);
}

/** `kms:CreateKey, TagResource; iam:…` in lines. */
export function inWords(permissions: Permissions): string {
  const services = Map.groupBy(permissions, (action) => action.split(':')[0] ?? '');
  const lines = [...services].map(
    ([service, those]) => `  ${service}: ${those.map((action) => action.slice(service.length + 1)).join(', ')}`,
  );
  return lines.join('\n');
}
