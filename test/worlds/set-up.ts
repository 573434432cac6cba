import { randomUUID } from 'node:crypto';
import type { Statement } from '../../src/policy/document.ts';
import type { Bed } from './bed.ts';
import { ACCOUNTS, ADMIN_KEY, CALLERS, HOME, KEEPER_KEY, SECRET_TAGS } from './cast.ts';
import { resetLimits } from './limits.ts';
import { type CustomerKey, type Key, REGION, REPLICA_REGION, type World } from './world.ts';

/** A world whose secret and keys are there; `world` has their names in the place of `<secret>` and the like. */
export type Staged = {
  world: World;
  /** The secret's ARN by Region. */
  arns: Record<string, string>;
  keyArns: Record<string, string>;
  versionId: string;
};

const OPEN = policyOf([{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }]);
let count = 0;

/** Makes the keys, the secret under a policy that lets everybody do everything, and its replica. */
export function setUp(bed: Bed, template: World): Staged {
  const { aws } = bed;
  count += 1;
  const name = `world-${count}`;
  const versionId = randomUUID();
  resetLimits(bed, CALLERS, template);
  for (const account of ACCOUNTS) {
    const organization = template.organizations[account] ?? null;
    aws.accounts.setOrganization(
      account,
      organization,
      organization === HOME ? ['r-home', 'ou-home-00000001'] : ['r-else'],
    );
  }
  const admin = (region: string, operation: string, input: object) =>
    aws.call(ADMIN_KEY, region, 'secretsmanager', operation, input);
  const keyArns: Record<string, string> = {};
  const keyIn = (region: string, key: Key) => {
    if (key.type === 'default') return {};
    const arn = createKey(bed, region, key);
    keyArns[region] = arn;
    return { KmsKeyId: nameOf(bed, region, key, arn, name) };
  };
  const { former } = template;
  const formerArn = former?.key.type === 'customer' ? createKey(bed, REGION, former.key) : undefined;
  const made = admin(REGION, 'CreateSecret', {
    Name: name,
    SecretString: 'x',
    ClientRequestToken: former?.written ? randomUUID() : versionId,
    Tags: Object.entries(SECRET_TAGS).map(([Key, Value]) => ({ Key, Value })),
    ...(former === null ? keyIn(REGION, template.key) : formerArn && { KmsKeyId: formerArn }),
  });
  const arn = String(made['ARN']);
  if (former !== null) {
    const isKept = former.key.type === 'customer' && !former.reencrypted;
    const ofFormer = (operation: string) =>
      former.key.type === 'customer' &&
      isKept &&
      bed.aws.call(keeperOf(former.key), REGION, 'kms', operation, { KeyId: formerArn });
    ofFormer('DisableKey');
    admin(REGION, 'UpdateSecret', { SecretId: arn, KmsKeyId: '', ...keyIn(REGION, template.key) });
    ofFormer('EnableKey');
    if (former.written) {
      admin(REGION, 'PutSecretValue', { SecretId: arn, SecretString: 'y', ClientRequestToken: versionId });
    }
  }
  const replicaArn = arn.replace(`:${REGION}:`, `:${REPLICA_REGION}:`);
  if (template.replica !== null) {
    const replica = { Region: REPLICA_REGION, ...keyIn(REPLICA_REGION, template.replica) };
    admin(REGION, 'ReplicateSecretToRegions', { SecretId: arn, AddReplicaRegions: [replica] });
  }
  putPolicy(bed, arn, [{ Effect: 'Allow', Principal: '*', Action: 'secretsmanager:*', Resource: '*' }]);
  const world = withNames(template, {
    '<secret>': arn,
    '<replica>': replicaArn,
    '<version>': versionId,
    '<key>': keyArns[REGION] ?? 'arn:aws:kms:us-east-1:111111111111:key/none',
  });
  for (const [region, key] of [
    [REGION, world.key],
    [REPLICA_REGION, world.replica],
  ] as const) {
    const keyArn = keyArns[region];
    if (key?.type === 'customer' && keyArn !== undefined) closeKey(bed, region, key, keyArn);
  }
  if (world.former?.key.type === 'customer' && formerArn !== undefined) {
    closeKey(bed, REGION, world.former.key, formerArn);
  }
  return { world, arns: { [REGION]: arn, ...(world.replica && { [REPLICA_REGION]: replicaArn }) }, keyArns, versionId };
}

export function putPolicy({ aws }: Bed, secretArn: string, statements: readonly Statement[]): void {
  const put = { SecretId: secretArn, ResourcePolicy: policyOf(statements) };
  if (statements.length > 0) aws.call(ADMIN_KEY, REGION, 'secretsmanager', 'PutResourcePolicy', put);
  else aws.call(ADMIN_KEY, REGION, 'secretsmanager', 'DeleteResourcePolicy', { SecretId: secretArn });
}

function policyOf(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

const keeperOf = ({ foreign }: CustomerKey): string => (foreign ? KEEPER_KEY : ADMIN_KEY);

function createKey({ aws }: Bed, region: string, key: CustomerKey): string {
  const input = { Policy: OPEN, BypassPolicyLockoutSafetyCheck: true };
  const made = aws.call(keeperOf(key), region, 'kms', 'CreateKey', input);
  return String((made['KeyMetadata'] as { Arn: string }).Arn);
}

function nameOf({ aws }: Bed, region: string, key: CustomerKey, arn: string, name: string): string {
  if (key.namedBy === 'arn') return arn;
  if (key.namedBy === 'id') return arn.slice(arn.lastIndexOf('/') + 1);
  aws.call(keeperOf(key), region, 'kms', 'CreateAlias', { AliasName: `alias/${name}`, TargetKeyId: arn });
  return `alias/${name}`;
}

/** The grants, the state and last the policy, which may shut everybody out. */
function closeKey({ aws }: Bed, region: string, key: CustomerKey, KeyId: string): void {
  const call = (operation: string, input: object) =>
    aws.call(keeperOf(key), region, 'kms', operation, { KeyId, ...input });
  for (const grant of key.grants) call('CreateGrant', grant);
  if (key.state === 'Disabled') call('DisableKey', {});
  if (key.state === 'PendingDeletion') call('ScheduleKeyDeletion', { PendingWindowInDays: 7 });
  if (key.statements.length > 0) {
    call('PutKeyPolicy', { Policy: policyOf([...key.statements, keptBy(key)]), BypassPolicyLockoutSafetyCheck: true });
  }
}

const keptBy = (key: CustomerKey): Statement => ({
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${key.foreign ? '555555555555' : '111111111111'}:user/admin` },
  Action: 'kms:*',
  Resource: '*',
});

function withNames(world: World, names: Record<string, string>): World {
  let text = JSON.stringify(world);
  for (const [placeholder, name] of Object.entries(names)) text = text.replaceAll(placeholder, name);
  return JSON.parse(text) as World;
}
