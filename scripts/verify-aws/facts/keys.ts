import {
  CancelKeyDeletionCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  ReplicateSecretToRegionsCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Bed } from '../bed.ts';
import { allow, type Fact, outcome, type Statement } from '../fact.ts';

const ACTIONS = ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'];

/** A secret that the other account may read and write, under a key that lets it do what is said. */
async function shared(bed: Bed, ...statements: Statement[]): Promise<string> {
  const secret = await bed.secret({ KmsKeyId: await bed.key(...statements) });
  await bed.put(secret, allow(bed.other.id, ACTIONS));
  return secret;
}

/** What reading ends with under this Condition of the key's policy, and under the other. */
async function underConditions(bed: Bed, good: object, bad: object): Promise<string> {
  const decrypt = (Condition: object) => allow(bed.other.id, 'kms:Decrypt', { Condition });
  const secret = await shared(bed, decrypt(good));
  const first = await bed.eventually(() => bed.read(bed.reader, secret), 'works');
  await bed.key(decrypt(bad));
  return `${first}, else ${await bed.eventually(() => bed.read(bed.reader, secret), 'AccessDeniedException')}`;
}

const write = ({ reader }: Bed, SecretId: string) =>
  outcome(reader.secretsManager.send(new PutSecretValueCommand({ SecretId, SecretString: 'written' })));

export const keyFacts: readonly Fact[] = [
  {
    row: 'Secrets Manager asks KMS as its caller',
    expected: 'works, else AccessDeniedException',
    try: (bed) =>
      underConditions(
        bed,
        { Bool: { 'aws:ViaAWSService': 'true' }, Null: { 'aws:SourceArn': 'true', 'aws:SourceAccount': 'true' } },
        { Bool: { 'aws:ViaAWSService': 'false' } },
      ),
  },
  {
    row: '`kms:ViaService` is `secretsmanager.REGION.amazonaws.com`',
    expected: 'works, else AccessDeniedException',
    try: (bed) => {
      const via = (service: string) => ({
        StringEquals: { 'kms:ViaService': `${service}.${bed.region}.amazonaws.com` },
      });
      return underConditions(bed, via('secretsmanager'), via('ssm'));
    },
  },
  {
    row: 'The encryption context is `SecretARN` and `SecretVersionId`, nothing else',
    expected: 'works, else AccessDeniedException',
    try: (bed) => {
      const names = (...keys: string[]) => ({ 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': keys } });
      const ofOwner = {
        StringLike: { 'kms:EncryptionContext:SecretARN': `arn:aws:secretsmanager:*:${bed.owner.id}:*` },
      };
      return underConditions(bed, { ...names('SecretARN', 'SecretVersionId'), ...ofOwner }, names('SecretARN'));
    },
  },
  {
    row: 'Reading asks for `kms:Decrypt`, a new value for `kms:GenerateDataKey`',
    expected: 'with Decrypt: reading works, writing AccessDeniedException; with GenerateDataKey: writing works',
    try: async (bed) => {
      const secret = await shared(bed, allow(bed.other.id, 'kms:Decrypt'));
      const reading = await bed.eventually(() => bed.read(bed.reader, secret), 'works');
      const refused = await write(bed, secret);
      await bed.key(allow(bed.other.id, 'kms:GenerateDataKey'));
      const writing = await bed.eventually(() => write(bed, secret), 'works');
      return `with Decrypt: reading ${reading}, writing ${refused}; with GenerateDataKey: writing ${writing}`;
    },
  },
  {
    row: 'The AWS managed key `aws/secretsmanager` never decrypts for another account',
    expected: 'another: InvalidRequestException, its own: works',
    try: async (bed) => {
      const secret = await bed.secret();
      await bed.put(secret, allow(bed.other.id, ACTIONS));
      const another = await bed.eventually(() => bed.read(bed.reader, secret), 'InvalidRequestException');
      const Action = 'secretsmanager:GetSecretValue';
      const own = await bed.role(bed.owner, 'default-key', { Effect: 'Allow', Action, Resource: '*' });
      return `another: ${another}, its own: ${await bed.eventually(() => bed.read(own, secret), 'works')}`;
    },
  },
  {
    row: "A key that allows its account's root user leaves it to the account's IAM policies",
    expected: 'without kms:Decrypt: AccessDeniedException, with it: works',
    try: async (bed) => {
      const secret = await bed.secret({ KmsKeyId: await bed.key() });
      const role = (name: string, ...Action: string[]) =>
        bed.role(bed.owner, name, {
          Effect: 'Allow',
          Action: ['secretsmanager:GetSecretValue', ...Action],
          Resource: '*',
        });
      const [without, having] = [await role('keyless'), await role('keyed', 'kms:Decrypt')];
      const works = await bed.eventually(() => bed.read(having, secret), 'works');
      return `without kms:Decrypt: ${await bed.read(without, secret)}, with it: ${works}`;
    },
  },
  {
    row: 'A disabled key, or one that waits for its deletion',
    expected: 'disabled: refused, enabled again: works, to be deleted: refused',
    try: async (bed) => {
      const secret = await shared(bed, allow(bed.other.id, 'kms:Decrypt'));
      const { kms } = bed.owner;
      const KeyId = await bed.key(allow(bed.other.id, 'kms:Decrypt'));
      const look = async () => ((await bed.read(bed.reader, secret)) === 'works' ? 'works' : 'refused');
      await bed.eventually(look, 'works');
      await kms.send(new DisableKeyCommand({ KeyId }));
      const disabled = await bed.eventually(look, 'refused');
      await kms.send(new EnableKeyCommand({ KeyId }));
      const again = await bed.eventually(look, 'works');
      await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
      const pending = await bed.eventually(look, 'refused');
      await kms.send(new CancelKeyDeletionCommand({ KeyId }));
      await kms.send(new EnableKeyCommand({ KeyId }));
      await bed.eventually(look, 'works');
      return `disabled: ${disabled}, enabled again: ${again}, to be deleted: ${pending}`;
    },
  },
  {
    row: 'A replica has the policy of its primary, and a key of its own',
    expected: 'policy: the same, key: alias/aws/secretsmanager',
    try: async (bed) => {
      const { owner, other, region, otherRegion } = bed;
      const SecretId = await bed.secret({ KmsKeyId: await bed.key() });
      await bed.put(SecretId, allow(other.id, ACTIONS));
      const AddReplicaRegions = [{ Region: otherRegion }];
      await owner.secretsManager.send(new ReplicateSecretToRegionsCommand({ SecretId, AddReplicaRegions }));
      const abroad = new SecretsManagerClient({
        region: otherRegion,
        credentials: owner.secretsManager.config.credentials,
      });
      const replica = new GetResourcePolicyCommand({ SecretId: SecretId.replace(`:${region}:`, `:${otherRegion}:`) });
      const look = async () => {
        const policy = await abroad.send(replica).then(
          ({ ResourcePolicy }) => (ResourcePolicy?.includes(other.id) ? 'the same' : 'another'),
          (error: Error) => error.name,
        );
        const { ReplicationStatus } = await owner.secretsManager.send(new DescribeSecretCommand({ SecretId }));
        return `policy: ${policy}, key: ${ReplicationStatus?.[0]?.KmsKeyId}`;
      };
      const seen = await bed.eventually(look, 'policy: the same, key: alias/aws/secretsmanager');
      abroad.destroy();
      return seen;
    },
  },
  {
    row: 'After a change of key AWSCURRENT, AWSPREVIOUS and AWSPENDING are under both keys',
    expected: 'under the new: works, under the old: works',
    try: async (bed) => {
      const { owner, reader } = bed;
      const SecretId = await shared(bed, allow(bed.other.id, 'kms:Decrypt'));
      const [before, changed] = [SecretId, await bed.secret()];
      const KmsKeyId = await bed.key(allow(bed.other.id, 'kms:Decrypt'));
      await owner.secretsManager.send(new UpdateSecretCommand({ SecretId: changed, KmsKeyId }));
      await bed.put(changed, allow(bed.other.id, ACTIONS));
      const toNew = await bed.eventually(() => bed.read(reader, changed), 'works');
      await owner.secretsManager.send(
        new UpdateSecretCommand({ SecretId: before, KmsKeyId: 'alias/aws/secretsmanager' }),
      );
      const own = await bed.role(bed.owner, 'after-change', {
        Effect: 'Allow',
        Action: 'secretsmanager:GetSecretValue',
        Resource: '*',
      });
      return `under the new: ${toNew}, under the old: ${await bed.eventually(() => bed.read(own, before), 'works')}`;
    },
  },
  {
    row: 'ListSecretVersionIds shows the keys of each version',
    expected: 'its ARN, DefaultEncryptionKey',
    try: async ({ owner, key, secret }) => {
      const KmsKeyId = await key();
      const keysOf = async (SecretId: string) => {
        const { Versions } = await owner.secretsManager.send(new ListSecretVersionIdsCommand({ SecretId }));
        return (Versions ?? []).flatMap(({ KmsKeyIds = ['none'] }) => KmsKeyIds);
      };
      const shown = [...(await keysOf(await secret({ KmsKeyId }))), ...(await keysOf(await secret()))];
      return shown.map((id) => (id === KmsKeyId ? 'its ARN' : id)).join(', ');
    },
  },
  {
    row: 'A key that is named by its id or alias is looked up in the account of who writes',
    expected: 'refused',
    try: async (bed) => {
      const arn = await bed.key(allow(bed.other.id, ['kms:Decrypt', 'kms:GenerateDataKey']));
      const secret = await bed.secret({ KmsKeyId: arn.slice(arn.lastIndexOf('/') + 1) });
      await bed.put(secret, allow(bed.other.id, ACTIONS));
      await bed.eventually(() => bed.read(bed.reader, secret), 'works');
      return (await write(bed, secret)) === 'works' ? 'works' : 'refused';
    },
  },
];
