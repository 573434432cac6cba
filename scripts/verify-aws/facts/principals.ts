import { PutResourcePolicyCommand } from '@aws-sdk/client-secrets-manager';
import { allow, type Fact, outcome, policyOf } from '../fact.ts';

const READ = 'secretsmanager:GetSecretValue';

export const principalFacts: readonly Fact[] = [
  {
    row: 'Role names are unique in an account whatever their path',
    expected: 'a second: EntityAlreadyExists, its session: without path',
    try: async (bed) => {
      const role = await bed.role(
        bed.owner,
        'path',
        { Effect: 'Allow', Action: '*', Resource: '*' },
        '/verify-aws/deep/',
      );
      const second = await outcome(bed.role(bed.owner, 'path'));
      const secret = await bed.secret();
      // Only a session without path is matched by a policy that names one without.
      await bed.put(secret, { ...allow(role.sessionArn, READ), Effect: 'Deny' });
      const denied = await bed.eventually(() => bed.read(role, secret), 'AccessDeniedException');
      return `a second: ${second}, its session: ${denied === 'AccessDeniedException' ? 'without path' : 'with path'}`;
    },
  },
  {
    row: 'Action names and condition keys match without regard to case',
    expected: 'works',
    try: async (bed) => {
      const Condition = { ArnEquals: { 'AWS:principalARN': bed.reader.arn } };
      const secret = await bed.secret({ KmsKeyId: await bed.key(allow(bed.other.id, 'KMS:decrypt')) });
      await bed.put(secret, allow(bed.other.id, 'secretsmanager:getsecretvalue', { Condition }));
      return bed.eventually(() => bed.read(bed.reader, secret), 'works');
    },
  },
  ...[
    'A user or session whose ARN a policy of the same account allows',
    'A Deny with NotPrincipal hits everybody who has a permissions boundary',
  ].map((row) => ({ row, untried: 'It takes permissions boundaries, which the kit may not set.' })),
  {
    row: 'Service control policies, resource control policies, permissions boundaries and session policies only',
    untried: 'It takes an organization.',
  },
  {
    row: 'Partitions (`aws`, `aws-cn`, `aws-us-gov`) never reach each other',
    expected: 'MalformedPolicyDocumentException, MalformedPolicyDocumentException',
    try: async ({ owner, other, secret }) => {
      const SecretId = await secret();
      const put = (partition: string) => {
        const ResourcePolicy = policyOf(allow(`arn:${partition}:iam::${other.id}:root`, READ));
        return outcome(owner.secretsManager.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy })));
      };
      return `${await put('aws-cn')}, ${await put('aws-us-gov')}`;
    },
  },
];
