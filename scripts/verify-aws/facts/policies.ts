import {
  BatchGetSecretValueCommand,
  PutResourcePolicyCommand,
  ValidateResourcePolicyCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Bed } from '../bed.ts';
import { allow, type Fact, outcome, policyOf, type Statement } from '../fact.ts';

const READ = 'secretsmanager:GetSecretValue';
const EVERYTHING: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };

const putRaw = ({ owner }: Bed, SecretId: string, ResourcePolicy: string, BlockPublicPolicy = false) =>
  outcome(owner.secretsManager.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy, BlockPublicPolicy })));

const everybody = (Condition?: object) => policyOf(allow('*', READ, Condition && { Condition }));

export const policyFacts: readonly Fact[] = [
  {
    row: 'PutResourcePolicy replaces the whole document',
    expected: 'Second',
    try: async (bed) => {
      const secret = await bed.secret();
      await bed.put(secret, allow(bed.other.id, READ, { Sid: 'First' }));
      await bed.put(secret, allow(bed.other.id, READ, { Sid: 'Second' }));
      const sids = async () => [...(await bed.policyOf(secret)).matchAll(/First|Second/g)].join();
      return bed.eventually(sids, 'Second');
    },
  },
  {
    row: 'A policy has at most 20,480 characters',
    expected: 'taken, refused',
    try: async (bed) => {
      const secret = await bed.secret();
      const policy = policyOf(allow(bed.other.id, READ));
      const sizes = [20_480, 20_481].map((size) => putRaw(bed, secret, policy.padEnd(size)));
      return (await Promise.all(sizes)).map((seen) => (seen === 'works' ? 'taken' : 'refused')).join(', ');
    },
  },
  {
    row: 'AWS gives a document back normalised',
    expected: 'the root ARN, a string',
    try: async (bed) => {
      const secret = await bed.secret();
      await bed.put(secret, allow(bed.other.id, [READ]));
      const look = async () => {
        const text = await bed.policyOf(secret);
        const root = text.includes(`"arn:aws:iam::${bed.other.id}:root"`) ? 'the root ARN' : 'as it was';
        return `${root}, ${text.includes(`["${READ}"]`) ? 'a list' : 'a string'}`;
      };
      return bed.eventually(look, 'the root ARN, a string');
    },
  },
  { row: 'Policy calls: 50 a second', untried: 'it would take the quota from others in the account' },
  {
    row: '`BlockPublicPolicy` refuses what is public',
    expected: 'everybody: PublicPolicyException, an organization: works, its path: works',
    try: async (bed) => {
      const secret = await bed.secret();
      const organization = { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } };
      // With a wildcard at its end Amazon S3's "meaning of public" calls it public.
      const path = {
        'ForAnyValue:StringEquals': { 'aws:PrincipalOrgPaths': ['o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/'] },
      };
      return [
        `everybody: ${await putRaw(bed, secret, everybody(), true)}`,
        `an organization: ${await putRaw(bed, secret, everybody(organization), true)}`,
        `its path: ${await putRaw(bed, secret, everybody(path), true)}`,
      ].join(', ');
    },
  },
  {
    row: 'ValidateResourcePolicy checks syntax, broad access and lock-out',
    expected: 'good: passes, syntax: fails, broad access: fails, lock-out: fails',
    try: async (bed) => {
      const SecretId = await bed.secret();
      const validate = async (ResourcePolicy: string) => {
        const command = new ValidateResourcePolicyCommand({ SecretId, ResourcePolicy });
        const validation = bed.owner.secretsManager.send(command).then(
          ({ PolicyValidationPassed }) => PolicyValidationPassed === true,
          () => false,
        );
        return (await validation) ? 'passes' : 'fails';
      };
      const lockOut = { ...allow(`arn:aws:iam::${bed.owner.id}:root`, 'secretsmanager:*'), Effect: 'Deny' };
      return [
        `good: ${await validate(policyOf(allow(bed.other.id, READ)))}`,
        `syntax: ${await validate('{"Version":"2012-10-17"}')}`,
        `broad access: ${await validate(everybody())}`,
        `lock-out: ${await validate(policyOf(lockOut))}`,
      ].join(', ');
    },
  },
  {
    row: 'A role or user is stored by its unique id; deleted, the id shows',
    expected: 'shows AROA, MalformedPolicyDocumentException',
    try: async (bed) => {
      const secret = await bed.secret();
      const { text, remove } = await policyOfGoneRole(bed, secret, 'gone');
      await remove();
      const shown = await bed.eventually(async () => ((await text()).includes('AROA') ? 'AROA' : 'the ARN'), 'AROA');
      return `shows ${shown}, ${await putRaw(bed, secret, await text())}`;
    },
  },
  {
    row: '`AROA…`/`AIDA…` in a policy match nobody',
    expected: 'before: AccessDeniedException, made again: works',
    try: async (bed) => {
      const secret = await bed.secret();
      const { role, remove } = await policyOfGoneRole(bed, secret, 'again');
      const before = await bed.eventually(() => bed.read(role, secret), 'AccessDeniedException');
      await remove();
      const successor = await bed.role(bed.owner, 'again', EVERYTHING);
      return `before: ${before}, made again: ${await bed.eventually(() => bed.read(successor, secret), 'works')}`;
    },
  },
  {
    row: "A Deny of a secret's policy beats every IAM policy",
    expected: 'without: works, with: AccessDeniedException',
    try: async (bed) => {
      const secret = await bed.secret();
      const role = await bed.role(bed.owner, 'denied', EVERYTHING);
      const without = await bed.eventually(() => bed.read(role, secret), 'works');
      await bed.put(secret, { ...allow(role.arn, READ), Effect: 'Deny' });
      return `without: ${without}, with: ${await bed.eventually(() => bed.read(role, secret), 'AccessDeniedException')}`;
    },
  },
  {
    row: 'AWS attaches an action and a condition key that do not exist',
    expected: 'works, works, AccessDeniedException',
    try: async (bed) => {
      const secret = await bed.secret();
      const action = allow(bed.other.id, 'secretsmanager:GetSecretValues');
      const key = allow(bed.other.id, READ, { Condition: { StringEquals: { 'aws:NoSuchKey': 'x' } } });
      const taken = [await putRaw(bed, secret, policyOf(action)), await putRaw(bed, secret, policyOf(action, key))];
      return `${taken.join(', ')}, ${await bed.eventually(() => bed.read(bed.reader, secret), 'AccessDeniedException')}`;
    },
  },
  {
    row: 'BatchGetSecretValue has no resource',
    expected: 'its own name: AccessDeniedException, GetSecretValue: works',
    try: async (bed) => {
      const SecretId = await bed.secret({ KmsKeyId: await bed.key(allow(bed.other.id, 'kms:Decrypt')) });
      const batch = async () => {
        const command = new BatchGetSecretValueCommand({ SecretIdList: [SecretId] });
        const { Errors = [] } = await bed.reader.secretsManager.send(command);
        return Errors[0]?.ErrorCode ?? 'works';
      };
      await bed.put(SecretId, allow(bed.other.id, READ));
      const byRead = await bed.eventually(batch, 'works');
      await bed.put(SecretId, allow(bed.other.id, 'secretsmanager:BatchGetSecretValue'));
      return `its own name: ${await bed.eventually(batch, 'AccessDeniedException')}, GetSecretValue: ${byRead}`;
    },
  },
  { row: 'All operations are eventually consistent', untried: 'it takes a Put that AWS is slow with' },
  { row: 'From a policy that denies everybody', untried: 'it would leave a secret that nobody can delete' },
  { row: 'Some secrets that AWS services manage', untried: 'it takes a database, which costs more than all the rest' },
];

/** A Deny for a role with everything, that goes when it is told to. */
async function policyOfGoneRole(bed: Bed, secret: string, name: string) {
  const role = await bed.role(bed.owner, name, EVERYTHING);
  await bed.put(secret, { ...allow(role.arn, READ), Effect: 'Deny' });
  return {
    role,
    text: () => bed.policyOf(secret),
    remove: async () => {
      await bed.owner.iam('DeleteRolePolicy', { RoleName: role.name, PolicyName: 'kit' });
      await bed.owner.iam('DeleteRole', { RoleName: role.name });
    },
  };
}
