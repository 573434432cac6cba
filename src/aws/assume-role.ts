import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import type { Clock } from '../clock.ts';
import { createLru } from '../lru.ts';
import { DomainError } from '../problems/problem.ts';
import type { Call } from './calls/call.ts';
import type { OwnAccount } from './own-account.ts';

export type AssumedRole = {
  /** The role's name (with its path), the same in every account. */
  name: string;
  externalId?: string;
  /** The account whose secrets are reached without a role; asked of STS when it is not given. */
  ownAccount?: string;
};

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string; expiration?: Date };
export type CredentialsOf = (partition: string, account: string) => () => Promise<Credentials>;

/** The most accounts whose credentials are kept. */
const MAX_ACCOUNTS = 1_000;
/** Shown by CloudTrail in the other account. */
const SESSION_NAME = 'secret-access-service';
/** From here on the SDK asks again before each call (its own limit is five minutes before the end). */
const RENEW_BEFORE_MS = 6 * 60_000;
/** Until here a call goes on with what it has while it is being renewed. */
const USABLE_UNTIL_MS = 30_000;

/**
 * Credentials for each account: our own in our own account, elsewhere those of the role of that name there. They are
 * renewed in time, one AssumeRole an account at a time; while STS fails, what has not expired is used on.
 */
export function createAssumedRoles(options: {
  sts: STSClient;
  call: Call;
  role: AssumedRole;
  ownAccount: Pick<OwnAccount, 'ask'>;
  clock: Clock;
}): CredentialsOf {
  const { sts, call, role, ownAccount, clock } = options;
  const providers = createLru<() => Promise<Credentials>>(MAX_ACCOUNTS);
  async function assume(partition: string, account: string): Promise<Required<Credentials>> {
    const RoleArn = `arn:${partition}:iam::${account}:role/${role.name}`;
    const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: SESSION_NAME, ExternalId: role.externalId });
    const facts = { action: 'sts:AssumeRole', resource: RoleArn };
    const { Credentials: given } = await call(facts, command, () => sts.send(command));
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = given ?? {};
    if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
      throw new DomainError('aws-error', { why: `AWS gave no credentials for the role ${RoleArn}.` });
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
    };
  }

  function provider(partition: string, account: string): () => Promise<Credentials> {
    let current: Required<Credentials> | undefined;
    let renewal: Promise<Required<Credentials>> | undefined;
    const lifeLeft = () => (current?.expiration.getTime() ?? 0) - clock().getTime();
    const renew = async () => {
      try {
        current = await assume(partition, account);
        return current;
      } finally {
        renewal = undefined;
      }
    };
    return async () => {
      if ((await ownAccount.ask()) === account) return sts.config.credentials();
      if (current !== undefined && lifeLeft() > RENEW_BEFORE_MS) return current;
      renewal ??= renew();
      if (current === undefined || lifeLeft() <= USABLE_UNTIL_MS) return renewal;
      // A failure is not lost: the next call tries again, and the last usable second makes it that call's own.
      renewal.catch(() => undefined);
      return current;
    };
  }

  return (partition, account) => providers.get(account, () => provider(partition, account));
}
