import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  CreateKeyCommand,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import {
  CreateSecretCommand,
  type CreateSecretCommandInput,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type Account, secretsManagerOf } from './accounts.ts';
import { PREFIX, TAG } from './clean-up.ts';
import { allow, outcome, policyOf, type Statement } from './fact.ts';
import { elementOf } from './iam-client.ts';

/** A role that the kit has made, and its calls. */
export type Reader = { arn: string; sessionArn: string; name: string; secretsManager: SecretsManagerClient };

/** What experiments are made of. All that it makes, `cleanUp` finds. */
export type Bed = {
  run: string;
  region: string;
  otherRegion: string;
  owner: Account;
  other: Account;
  /** Of the other account, with an identity policy that lets it do everything with secrets and keys. */
  reader: Reader;
  secret(input?: Partial<CreateSecretCommandInput>): Promise<string>;
  /** A key of the owner whose policy lets the owner's account, and what else is said. Each costs a little: one for all. */
  key(...statements: Statement[]): Promise<string>;
  /** A session of one of its roles, under a session policy. */
  session(account: Account, role: Reader, ...policy: Statement[]): Promise<Reader>;
  /** The organization of the owner; undefined where there is none, or it may not be asked for. */
  organization: string | undefined;
  role(account: Account, name: string, identityPolicy?: Statement, path?: string): Promise<Reader>;
  /** Attaches a policy; tries again while a principal that was just made is not known everywhere. */
  put(secretArn: string, ...statements: Statement[]): Promise<void>;
  policyOf(secretArn: string): Promise<string>;
  grant(input: Omit<CreateGrantCommandInput, 'KeyId'>): Promise<string>;
  read(reader: Reader, secretArn: string): Promise<string>;
  /** What is seen once it is as expected, or at the end of patience: AWS is eventually consistent. */
  eventually(look: () => Promise<string>, expected: string): Promise<string>;
};

type Patience = { totalMs: number; pauseMs: number };

export async function makeBed(
  owner: Account,
  other: Account,
  { run, region, otherRegion, patience }: { run: string; region: string; otherRegion: string; patience: Patience },
): Promise<Bed> {
  let numbers = 0;
  let keyArn: string | undefined;
  const name = (what: string) => `${PREFIX}${run}/${what}-${++numbers}x`;

  const eventually: Bed['eventually'] = async (look, expected) => {
    const end = Date.now() + patience.totalMs;
    let seen = await look();
    while (seen !== expected && Date.now() < end) {
      await sleep(patience.pauseMs);
      seen = await look();
    }
    return seen;
  };
  const mustWork = async (what: string, call: () => Promise<unknown>): Promise<void> => {
    const seen = await eventually(() => outcome(call()), 'works');
    if (seen !== 'works') throw new Error(`${what}: ${seen}`);
  };
  const role: Bed['role'] = async (account, what, identityPolicy, path = `/${PREFIX}`) => {
    const RoleName = `verify-aws-${run}-${what}`;
    const made = await account.iam('CreateRole', {
      RoleName,
      Path: path,
      AssumeRolePolicyDocument: policyOf({
        Effect: 'Allow',
        Principal: { AWS: account.id },
        Action: 'sts:AssumeRole',
      }),
      'Tags.member.1.Key': TAG,
      'Tags.member.1.Value': run,
    });
    if (identityPolicy !== undefined) {
      await account.iam('PutRolePolicy', { RoleName, PolicyName: 'kit', PolicyDocument: policyOf(identityPolicy) });
    }
    const arn = elementOf(made, 'Arn') ?? '';
    await mustWork(`to assume ${arn}`, () => account.sessionOf(arn));
    const sessionArn = `${arn.split(':role/')[0]?.replace(':iam:', ':sts:')}:assumed-role/${RoleName}/verify-aws`;
    return { arn, sessionArn, name: RoleName, secretsManager: secretsManagerOf(await account.sessionOf(arn), region) };
  };
  const key: Bed['key'] = async (...statements) => {
    const Policy = policyOf(allow(`arn:aws:iam::${owner.id}:root`, 'kms:*'), ...statements);
    if (keyArn === undefined) {
      const Tags = [{ TagKey: TAG, TagValue: run }];
      const { KeyMetadata } = await owner.kms.send(new CreateKeyCommand({ Tags, Description: name('key') }));
      keyArn = KeyMetadata?.Arn ?? '';
    }
    const KeyId = keyArn;
    await mustWork('the policy of the key', () => owner.kms.send(new PutKeyPolicyCommand({ KeyId, Policy })));
    return keyArn;
  };

  return {
    run,
    region,
    otherRegion,
    owner,
    other,
    eventually,
    role,
    key,
    organization: await owner.organization(),
    session: async (account, made, ...policy) => ({
      ...made,
      secretsManager: secretsManagerOf(await account.sessionOf(made.arn, policyOf(...policy)), region),
    }),
    reader: await role(other, 'reader', {
      Effect: 'Allow',
      Action: ['secretsmanager:*', 'kms:*'],
      Resource: '*',
    }),
    secret: async (input = {}) => {
      const Tags = [{ Key: TAG, Value: run }];
      const secret = { Name: name('secret'), SecretString: 'verify-aws', Tags, ...input };
      return (await owner.secretsManager.send(new CreateSecretCommand(secret))).ARN ?? '';
    },
    put: (SecretId, ...statements) =>
      mustWork('the policy of a secret', () =>
        owner.secretsManager.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(...statements) })),
      ),
    policyOf: async (SecretId) =>
      (await owner.secretsManager.send(new GetResourcePolicyCommand({ SecretId }))).ResourcePolicy ?? '',
    grant: async (input) =>
      (await owner.kms.send(new CreateGrantCommand({ KeyId: await key(), ...input }))).GrantId ?? '',
    read: ({ secretsManager }, SecretId) => outcome(secretsManager.send(new GetSecretValueCommand({ SecretId }))),
  };
}
