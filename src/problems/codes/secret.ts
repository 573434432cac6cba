import { answeredByAws, problem } from '../row.ts';

/** An ARN says where the secret is, a name does not. */
function whereToLook(secretId: string): string {
  const [, , , region, account] = secretId.startsWith('arn:') ? secretId.split(':') : [];
  return region === undefined || account === undefined
    ? 'Check the name (case counts); a secret of another account or Region than the service’s own needs its full ARN.'
    : `Its ARN is of the Region ${region} and the account ${account}: check these, the name, and the six characters at the end.`;
}

/** What secret, and its key, stand in the way whatever is asked for. AWS itself knows only the secret's name to say. */
export const secretProblems = {
  'secret-not-found': problem({
    status: 404,
    title: 'No such secret',
    what: 'Secrets Manager knows no secret by this name or ARN in that account and Region.',
    todo: 'Check the name (case counts) and the Region, and percent-encode slashes: prod%2Fdb. Other accounts’ secrets need the full ARN.',
    refuses: 'secret',
    detail: ({ secretId, near }: { secretId: string; near?: string | undefined }) =>
      `AWS knows no secret ${secretId}. ${near === undefined ? '' : `Did you mean ${near}? `}${whereToLook(secretId)}`,
    example: { secretId: 'demo/databse', near: 'demo/database' },
  }),
  'secret-pending-deletion': problem({
    status: 409,
    title: 'The secret is scheduled for deletion',
    what: 'AWS takes no policy for a secret that waits for deletion.',
    todo: 'Restore it first: aws secretsmanager restore-secret --secret-id ….',
    refuses: 'secret',
    detail: (facts: { since: string } | { secretId: string }) =>
      'since' in facts
        ? `The secret is scheduled for deletion (since ${facts.since}). Restore it first: aws secretsmanager restore-secret.`
        : `The secret ${facts.secretId} is scheduled for deletion. Restore it first.`,
    example: { since: '2026-01-31T09:00:00.000Z' },
  }),
  'secret-managed-by-service': problem({
    status: 409,
    title: 'Another AWS service manages the secret',
    what: 'The secret belongs to an AWS service (RDS, say), which also keeps its policy: AWS refused the change.',
    todo: 'Change who may read it in that service, or make a secret of your own.',
    refuses: 'secret',
    detail: ({ secretId, message }: { secretId: string; message: string }) =>
      `The secret ${secretId} is managed by another AWS service, which alone may change its policy. AWS says: ${message}`,
    example: {
      secretId: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:rds!db-1-AbCdEf',
      message: 'The secret is managed by another service (rds), and you must use that service to update it.',
      ...answeredByAws('InvalidRequestException'),
    },
  }),
  'secret-is-replica': problem({
    status: 409,
    title: 'The secret is a replica',
    what: 'A replica’s policy follows its primary secret.',
    todo: 'Change the primary, which `primary` names.',
    refuses: 'secret',
    detail: (facts: { primary: string; region: string } | { secretId: string }) =>
      'primary' in facts
        ? `This is a replica. Its policy follows the primary secret in ${facts.region}: change ${facts.primary} instead.`
        : `The secret ${facts.secretId} is a replica. Change the primary secret; AWS copies its policy to the replicas.`,
    members: (facts) => ('primary' in facts ? { primary: facts.primary } : {}),
    example: {
      primary: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:demo/database-AbCdEf',
      region: 'us-east-1',
    },
  }),
  'policy-unreadable': problem({
    status: 409,
    title: 'The attached policy can’t be read',
    what: 'AWS holds a policy of the secret that is no JSON, has a name twice, or leaves the IAM policy grammar. What can’t be read is not changed: whatever it says would be lost.',
    todo: 'Look at it (aws secretsmanager get-resource-policy), and put it right or take it away with the AWS CLI.',
    refuses: 'secret',
    detail: ({ resource, why }: { resource: string; why: string }) =>
      `The policy attached to ${resource} can’t be read. ${why} Nothing is changed while it is so: look at it with aws secretsmanager get-resource-policy, and put it right there.`,
    example: {
      resource: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:demo/database-AbCdEf',
      why: 'It is JSON that does not follow the IAM policy grammar.',
      errors: [{ path: '/Statement/0/Effect', message: 'must be Allow, or must be Deny' }],
    },
  }),
  'kms-key-not-shareable': problem({
    status: 422,
    title: 'The secret’s key can’t be used across accounts',
    what: 'The AWS managed key aws/secretsmanager never decrypts for another account: the share would be attached, and nobody could read.',
    todo: 'Give the secret a customer managed key, or send acknowledgeUnreadable: true.',
    detail: (facts: { secretName: string } | { unusable: string } | { grantable: false }) => {
      if ('grantable' in facts) {
        return 'The key is AWS’s own, or in a third account, where no grant can be made from here.';
      }
      if ('unusable' in facts) {
        return `The key ${facts.unusable} does not exist, is disabled, or is scheduled for deletion: nobody can be given the use of it.`;
      }
      return (
        'The secret is encrypted with the AWS managed key aws/secretsmanager, which never decrypts for another account: the ' +
        'share would be attached and nobody could read. Give the secret a customer managed key first (aws secretsmanager ' +
        `update-secret --secret-id ${facts.secretName} --kms-key-id KEY), or send acknowledgeUnreadable: true to share all the same.`
      );
    },
    example: { secretName: 'demo/default-key' },
  }),
  'partition-mismatch': problem({
    status: 422,
    title: 'Another partition',
    what: 'aws, aws-cn and aws-us-gov are worlds apart: a principal of one never reaches a secret of another.',
    todo: 'Name a principal of the secret’s own partition.',
    detail: (facts: { principal: string; partition: string } | { resource: string; ownPartition: string }) =>
      'principal' in facts
        ? `${facts.principal} is of another partition than the secret (${facts.partition}). AWS never lets one reach the other.`
        : `This service works in the partition ${facts.ownPartition}; ${facts.resource} is not in it. Partitions share nothing.`,
    example: { principal: 'arn:aws-cn:iam::222222222222:role/app', partition: 'aws' },
  }),
  'held-by-incident': problem({
    status: 409,
    title: 'An incident holds it',
    what: 'A Deny of an incident stands in the policy (its Sid begins with Incident), and goes when the incident is lifted, not before; or somebody is evicted, and would be let in.',
    todo: 'Leave the statement as it is, or lift the incident: POST /v1/incidents/{incidentId}/lift.',
    detail: (facts: { incident: string; who: string } | { incident?: never }) =>
      facts.incident === undefined
        ? 'This would take out, change or add a Deny of an incident (its Sid begins with Incident): only freezing, evicting and lifting do.'
        : `This would let in ${facts.who}, and the incident ${facts.incident} evicts them, or some of them. Deny those first, or wait until it is lifted.`,
    example: {},
  }),
};
