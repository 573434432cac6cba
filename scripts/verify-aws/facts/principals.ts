import { PutResourcePolicyCommand } from '@aws-sdk/client-secrets-manager';
import type { Bed, Reader } from '../bed.ts';
import { allow, type Fact, outcome, policyOf, type Statement } from '../fact.ts';
import { elementOf } from '../iam-client.ts';

const READ = 'secretsmanager:GetSecretValue';
const DENIED = 'AccessDeniedException';
const EVERYTHING: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
/** The key of secrets names nobody: what a session policy leaves out of it stays out. */
const ONLY_ITS_KEY: Statement = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' };

/** The permissions boundary of a role: a policy that AWS manages, so that none is made. */
const bound = ({ owner }: Bed, { name: RoleName }: Reader, policy: 'AdministratorAccess' | 'IAMReadOnlyAccess') =>
  owner.iam('PutRolePermissionsBoundary', {
    RoleName,
    PermissionsBoundary: `arn:${owner.arn.split(':')[1]}:iam::aws:policy/${policy}`,
  });

export const principalFacts: readonly Fact[] = [
  {
    row: 'Role names are unique in an account whatever their path',
    expected: 'a second: EntityAlreadyExists, its session: without path',
    try: async (bed) => {
      const role = await bed.role(bed.owner, 'path', EVERYTHING, '/verify-aws/deep/');
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
  {
    row: 'Across accounts it takes an Allow of both sides',
    expected: 'across: AccessDeniedException, within: works',
    try: async (bed) => {
      const secret = await bed.secret({ KmsKeyId: await bed.key(allow(bed.other.id, 'kms:Decrypt')) });
      const [own, bare] = [await bed.role(bed.owner, 'one-side'), await bed.role(bed.other, 'one-side')];
      await bed.put(secret, allow(bare.arn, READ), allow(bed.reader.arn, READ));
      const seen = await bed.eventually(() => bed.read(bed.reader, secret), 'works');
      const across = seen === 'works' ? await bed.read(bare, secret) : seen;
      const ofOwn = await bed.secret();
      await bed.put(ofOwn, allow(own.arn, READ));
      return `across: ${across}, within: ${await bed.eventually(() => bed.read(own, ofOwn), 'works')}`;
    },
  },
  {
    row: "`aws:PrincipalArn` of a session is its role's ARN, with its path",
    expected: 'works',
    try: async (bed) => {
      const role = await bed.role(bed.owner, 'its-arn', undefined, '/verify-aws/deep/');
      const secret = await bed.secret();
      const Condition = { ArnEquals: { 'aws:PrincipalArn': role.arn } };
      await bed.put(secret, allow(role.arn, READ, { Condition }));
      return bed.eventually(() => bed.read(role, secret), 'works');
    },
  },
  {
    row: 'A principal that is not there is refused with MalformedPolicyDocumentException',
    expected: 'MalformedPolicyDocumentException',
    try: async ({ owner, secret, run }) => {
      const ResourcePolicy = policyOf(allow(`arn:aws:iam::${owner.id}:role/verify-aws-${run}-nobody`, READ));
      return outcome(
        owner.secretsManager.send(new PutResourcePolicyCommand({ SecretId: await secret(), ResourcePolicy })),
      );
    },
  },
  {
    row: 'Of tags whose keys differ in case only',
    untried: 'which of the two AWS takes is not documented: it may be another one each time',
  },
  {
    row: `\`\${…}\` is a variable in policies of the Version`,
    untried: 'it takes principals with tags, which the kit does not make',
  },
  { row: 'The role of a permission set is', untried: 'it takes IAM Identity Center' },
  {
    row: 'Only AWS makes roles under `/aws-service-role/`',
    untried: 'if it were not so, the kit could not delete one',
  },
  { row: "An account's root user has every permission there", untried: 'it takes the password of an account' },
  {
    // Of session policies: of boundaries it would take one that allows the key and not the secret, which AWS has none of.
    row: 'A user or session whose ARN a policy of the same account allows',
    expected: 'the session: works, its role: AccessDeniedException',
    try: async (bed) => {
      const role = await bed.role(bed.owner, 'named');
      const narrow = await bed.session(bed.owner, role, ONLY_ITS_KEY);
      const secret = await bed.secret();
      await bed.put(secret, allow(role.sessionArn, READ));
      const itself = await bed.eventually(() => bed.read(narrow, secret), 'works');
      await bed.put(secret, allow(role.arn, READ));
      return `the session: ${itself}, its role: ${await bed.eventually(() => bed.read(narrow, secret), DENIED)}`;
    },
  },
  {
    row: 'A Deny with NotPrincipal hits everybody who has a permissions boundary',
    expected: 'without: works, with: AccessDeniedException',
    try: async (bed) => {
      const role = await bed.role(bed.owner, 'excepted', EVERYTHING);
      const secret = await bed.secret();
      const excepted = [role.arn, role.sessionArn, `arn:aws:iam::${bed.owner.id}:root`];
      await bed.put(secret, { Effect: 'Deny', NotPrincipal: { AWS: excepted }, Action: READ, Resource: '*' });
      const without = await bed.eventually(() => bed.read(role, secret), 'works');
      await bound(bed, role, 'AdministratorAccess');
      return `without: ${without}, with: ${await bed.eventually(() => bed.read(role, secret), DENIED)}`;
    },
  },
  {
    // Of session policies: boundaries have a row of their own, the others take the management account of an organization.
    row: 'Service control policies, resource control policies, permissions boundaries and session policies only',
    expected: 'whole: works, less: AccessDeniedException, more than there is: AccessDeniedException',
    try: async (bed) => {
      const [full, bare] = [await bed.role(bed.owner, 'full', EVERYTHING), await bed.role(bed.owner, 'bare')];
      const secret = await bed.secret();
      const whole = await bed.session(bed.owner, full, EVERYTHING);
      const less = await bed.session(bed.owner, full, ONLY_ITS_KEY);
      const more = await bed.session(bed.owner, bare, EVERYTHING);
      const works = await bed.eventually(() => bed.read(whole, secret), 'works');
      const [refused, given] = [await bed.read(less, secret), await bed.read(more, secret)];
      return `whole: ${works}, less: ${refused}, more than there is: ${given}`;
    },
  },
  {
    row: 'A permissions boundary must allow what identity policies allow',
    expected: 'it does: works, it does not: AccessDeniedException, it alone: AccessDeniedException',
    try: async (bed) => {
      const [full, bare] = [await bed.role(bed.owner, 'within', EVERYTHING), await bed.role(bed.owner, 'bound')];
      const secret = await bed.secret();
      await bound(bed, bare, 'AdministratorAccess');
      await bound(bed, full, 'AdministratorAccess');
      const both = await bed.eventually(() => bed.read(full, secret), 'works');
      const alone = await bed.read(bare, secret);
      await bound(bed, full, 'IAMReadOnlyAccess');
      const less = await bed.eventually(() => bed.read(full, secret), DENIED);
      return `it does: ${both}, it does not: ${less}, it alone: ${alone}`;
    },
  },
  ...['Service control policies must allow on every level', 'Resource control policies deny only'].map((row) => ({
    row,
    untried: 'it takes the management account of an organization',
  })),
  {
    row: 'IAM gives the documents of policies URL-encoded',
    expected: 'URL-encoded',
    try: async (bed) => {
      const { name: RoleName } = await bed.role(bed.owner, 'encoded', EVERYTHING);
      const answer = await bed.owner.iam('GetRolePolicy', { RoleName, PolicyName: 'kit' });
      return elementOf(answer, 'PolicyDocument')?.startsWith('%7B') ? 'URL-encoded' : 'as it is';
    },
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
