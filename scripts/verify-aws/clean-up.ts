import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  ListResourceTagsCommand,
  paginateListKeys,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  paginateListSecrets,
  RemoveRegionsFromReplicationCommand,
  type SecretListEntry,
} from '@aws-sdk/client-secrets-manager';
import type { Account } from './accounts.ts';
import { elementOf, elementsOf } from './iam-client.ts';

/** All that the kit makes bears the name or the path, and the tag. Nothing without both is ever touched. */
export const PREFIX = 'verify-aws/';
export const TAG = 'verify-aws';
const PATH = `/${PREFIX}`;

/**
 * Deletes what this or an earlier run has made in an account: secrets at once, keys after seven days (which cost nothing),
 * roles with their policies.
 * @returns what was deleted, in words
 */
export async function cleanUp(account: Account): Promise<string[]> {
  return [...(await cleanSecrets(account)), ...(await cleanKeys(account)), ...(await cleanRoles(account))];
}

async function cleanSecrets({ secretsManager }: Account): Promise<string[]> {
  const made: SecretListEntry[] = [];
  const Filters = [{ Key: 'name' as const, Values: [PREFIX] }];
  for await (const page of paginateListSecrets({ client: secretsManager }, { Filters })) {
    made.push(...(page.SecretList ?? []));
  }
  const own = made.filter(({ Name = '', Tags = [] }) => Name.startsWith(PREFIX) && Tags.some(({ Key }) => Key === TAG));
  for (const { ARN: SecretId } of own) {
    const { ReplicationStatus = [] } = await secretsManager.send(new DescribeSecretCommand({ SecretId }));
    const RemoveReplicaRegions = ReplicationStatus.flatMap(({ Region }) => Region ?? []);
    if (RemoveReplicaRegions.length > 0) {
      await secretsManager.send(new RemoveRegionsFromReplicationCommand({ SecretId, RemoveReplicaRegions }));
    }
    await secretsManager.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
  }
  return own.map(({ Name }) => `secret ${Name}`);
}

async function cleanKeys({ kms }: Account): Promise<string[]> {
  const deleted: string[] = [];
  for await (const { Keys = [] } of paginateListKeys({ client: kms }, {})) {
    for (const { KeyId } of Keys) {
      if (!(await isOwn(kms, KeyId))) continue;
      const isPending = await kms
        .send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
        .then(() => false, isInvalidState);
      if (!isPending) deleted.push(`key ${KeyId} (in seven days)`);
    }
  }
  return deleted;
}

/** Whose tags can't be read is not ours: what the kit makes, it may read. */
async function isOwn(kms: Account['kms'], KeyId: string | undefined): Promise<boolean> {
  try {
    const { Tags = [] } = await kms.send(new ListResourceTagsCommand({ KeyId }));
    return Tags.some(({ TagKey }) => TagKey === TAG);
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDeniedException') return false;
    throw error;
  }
}

/** It was scheduled already. */
function isInvalidState(error: Error): true {
  if (error.name === 'KMSInvalidStateException') return true;
  throw error;
}

async function cleanRoles({ iam }: Account): Promise<string[]> {
  const found = await roleNames(iam);
  const names: string[] = [];
  for (const RoleName of found) {
    if (!elementsOf(await iam('GetRole', { RoleName }), 'Key').includes(TAG)) continue;
    names.push(RoleName);
    for (const PolicyName of elementsOf(await iam('ListRolePolicies', { RoleName }), 'member')) {
      await iam('DeleteRolePolicy', { RoleName, PolicyName });
    }
    await iam('DeleteRole', { RoleName });
  }
  return names.map((name) => `role ${name}`);
}

async function roleNames(iam: Account['iam']): Promise<string[]> {
  const names: string[] = [];
  let marker: string | undefined;
  do {
    const page = await iam('ListRoles', { PathPrefix: PATH, ...(marker !== undefined && { Marker: marker }) });
    names.push(...elementsOf(page, 'RoleName'));
    marker = elementOf(page, 'Marker');
  } while (marker !== undefined);
  return names;
}

/**
 * Whether an account lets the kit delete what it will make, found out before anything is: by deleting what is not there.
 * Of a key that can be told only by one: it is made, scheduled for deletion, and left so where the run ends here.
 * @returns what is refused, in words; nothing when all is well
 */
export async function refusals(account: Account, run: string): Promise<string[]> {
  const { secretsManager, iam, kms } = account;
  const nothing = `${PREFIX}${run}-nothing`;
  const force = { SecretId: nothing, ForceDeleteWithoutRecovery: true };
  const role = { RoleName: nothing.replaceAll('/', '-') };
  const asked: Record<string, () => Promise<unknown>> = {
    'secretsmanager:DeleteSecret': () => secretsManager.send(new DeleteSecretCommand(force)),
    'secretsmanager:ListSecrets': () => cleanSecrets(account),
    'iam:DeleteRole': () => iam('DeleteRole', role),
    'iam:DeleteRolePolicy': () => iam('DeleteRolePolicy', { ...role, PolicyName: 'none' }),
    'iam:ListRoles': () => cleanRoles(account),
    'kms:ListKeys': () => cleanKeys(account),
  };
  const refused: string[] = [];
  for (const [action, ask] of Object.entries(asked)) {
    const error = await ask().then(
      () => undefined,
      (error: Error) => error,
    );
    if (error !== undefined && !/^(NoSuchEntity|ResourceNotFound)/.test(error.name)) {
      refused.push(`${action}: ${error.message}`);
    }
  }
  if (refused.length > 0) return refused;
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Tags: [{ TagKey: TAG, TagValue: run }] }));
  const KeyId = KeyMetadata?.KeyId;
  try {
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    return [];
  } catch (error) {
    return [`kms:ScheduleKeyDeletion: ${error instanceof Error ? error.message : error} The key ${KeyId} stays.`];
  }
}
