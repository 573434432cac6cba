import type { EventDraft } from '../../audit/event.ts';
import type { Entry } from '../../policy/entries/entry.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Key, KeyGrant, Keys } from '../judge/keys.ts';
import type { Secret } from '../secret.ts';
import type { AuditJournal } from '../write/audit-journal.ts';
import type { Change, ChangeCommand, Leg, Warning } from '../write/change.ts';
import { draft } from '../write/change-recorder.ts';
import type { AwsReceipt, SecretPolicies } from '../write/secret-policies.ts';

/**
 * The key leg, made by us: a KMS grant that decrypts this one secret for the one principal of a share. The grant's name
 * leads back to the share and the change, so that KMS itself is the record of what is granted. It follows the share:
 * a share that stands without its grant is answered, and audited, as half done.
 */
export type KeyGranter = {
  /** After the share stands. Never rejects: what went wrong is a warning of the change. */
  grant(command: ChangeCommand, change: Change): Promise<Change>;
  /** After the share is gone. The same. */
  revoke(command: ChangeCommand, change: Change, entry: Entry): Promise<Change>;
};

const namePrefix = (entry: Entry): string => `secret-access:${entry.id}:`;

export function createKeyGranter(deps: {
  keys: Keys;
  policies: Pick<SecretPolicies, 'describe'>;
  journal: AuditJournal;
}): KeyGranter {
  const { keys, policies, journal } = deps;

  /** Intent before, outcome after, as for policies; the events carry no policy. */
  async function recorded(
    command: ChangeCommand,
    secret: Secret,
    action: 'createGrant' | 'revokeGrant',
    request: Record<string, unknown>,
    work: () => Promise<AwsReceipt>,
  ): Promise<void> {
    const said = { ...command, action, request };
    await journal.append([draft(secret, said, 'intent', {})]);
    let outcome: Partial<EventDraft>;
    let failure: unknown;
    try {
      outcome = { outcome: 'applied', ...(await work()) };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      failure = error;
      outcome = {
        outcome: error.facts.uncertain === true ? 'unknown' : 'failed',
        error: { code: error.code, message: error.message },
        awsRequestId: error.facts.awsRequestId ?? null,
      };
    }
    await journal.append([{ ...draft(secret, said, 'outcome', {}), ...outcome }]);
    if (failure !== undefined) throw failure;
  }

  async function keyOf(change: Change): Promise<{ secret: Secret; key: Key } | undefined> {
    const secret = await policies.describe(change.secret.arn);
    if (secret.kmsKeyId === null) return undefined;
    const key = await keys.describe(secret.kmsKeyId, secret.region, secret.account);
    return key.account === secret.account && key.manager === 'CUSTOMER' ? { secret, key } : undefined;
  }

  const grant = async (command: ChangeCommand, entry: Entry, change: Change): Promise<Leg['detail']> => {
    const found = await keyOf(change);
    if (found === undefined) {
      throw new DomainError(
        'kms-key-not-shareable',
        'The key is AWS’s own, or in a third account, where no grant can be made from here.',
      );
    }
    const { secret, key } = found;
    const request = { key: key.arn, principal: entry.principal, operations: ['Decrypt', 'DescribeKey'] };
    await recorded(command, secret, 'createGrant', request, () =>
      keys.createGrant(key, {
        principal: String(entry.principal),
        secretArn: secret.arn,
        name: namePrefix(entry) + command.changeId,
      }),
    );
    return 'A KMS grant lets the reader decrypt this one secret.';
  };

  return {
    async grant(command, change) {
      const entry = change.share;
      const leg = change.legs.find((candidate) => candidate.leg === 'keyPolicy');
      if (entry === undefined || leg === undefined || leg.status === 'done' || leg.status === 'notNeeded')
        return change;
      if (change.dryRun) return warn(change, 'key-grant-planned', 'A KMS grant would be made for the reader.');
      try {
        const detail = await grant(command, entry, change);
        const { statement: _, ...made } = { ...leg, status: 'done' as const, detail };
        return { ...change, legs: change.legs.map((candidate) => (candidate === leg ? made : candidate)) };
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        const message = `Half done: the policy allows the reader, but the key grant was not made. ${error.message}`;
        return warn(change, 'key-grant-failed', message);
      }
    },

    async revoke(command, change, entry) {
      if (entry.kind !== 'share' || entry.principal === undefined || change.dryRun || !change.changed) return change;
      try {
        const found = await keyOf(change);
        if (found === undefined) return change;
        const { secret, key } = found;
        const ours = ({ name }: KeyGrant) => name?.startsWith(namePrefix(entry)) === true;
        for (const { grantId } of (await keys.grants(key)).filter(ours)) {
          const request = { key: key.arn, grantId, principal: entry.principal };
          await recorded(command, secret, 'revokeGrant', request, () => keys.revokeGrant(key, grantId));
        }
        return change;
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        const message = `The policy no longer allows the reader, but whether a key grant is left is not known. ${error.message}`;
        return warn(change, 'key-grant-not-revoked', message);
      }
    },
  };
}

const warn = (change: Change, code: Warning['code'], message: string): Change => ({
  ...change,
  warnings: [...change.warnings, { code, message }],
});
