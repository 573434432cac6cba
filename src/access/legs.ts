import { needsKey } from '../policy/actions.ts';
import type { Entry } from '../policy/entry.ts';
import { evaluateAccess } from '../policy/evaluate.ts';
import type { Caller } from '../policy/evaluation.ts';
import { type Principal, parsePrincipal, roleOfSession } from '../policy/principal.ts';
import { DomainError } from '../problem.ts';
import type { Leg } from './change.ts';
import type { Key, Keys, Secret } from './ports.ts';

/**
 * Reading across accounts stands on three legs: the secret's policy, the key, and an identity policy in the reader's own
 * account (Secrets Manager User Guide, "Access from a different account"). We write the first, see the second where the
 * key is in the secret's account, and can only print the third.
 */
export type LegExaminer = {
  /** Never rejects: what can't be seen is `unknown`, and says why. */
  examine(secret: Secret, entry: Entry): Promise<Leg[]>;
};

export function createLegExaminer(keys: Keys): LegExaminer {
  return {
    async examine(secret, entry) {
      const reader = readerOf(entry, secret);
      const secretPolicy: Leg = {
        leg: 'secretPolicy',
        status: 'done',
        account: secret.account,
        detail: 'The secret’s own policy allows it.',
      };
      return [secretPolicy, await keyLeg(keys, secret, entry, reader), identityLeg(secret, entry, reader)];
    },
  };
}

/** Whom a share is for; `principal` is undefined for an organization and for a principal that was deleted. */
type Reader = { account: string; name: string; principal: Principal | undefined; crossAccount: boolean };

function readerOf(entry: Entry, secret: Secret): Reader {
  const name = entry.principal ?? entry.organization ?? entry.account ?? '';
  const principal = parsePrincipal(name, secret.partition);
  const account = principal?.account ?? name;
  return { account, name, principal, crossAccount: account !== secret.account };
}

async function keyLeg(keys: Keys, secret: Secret, entry: Entry, reader: Reader): Promise<Leg> {
  const leg = (status: Leg['status'], detail: string, account = secret.account, statement?: Leg['statement']): Leg => ({
    leg: 'keyPolicy',
    status,
    account,
    detail,
    ...(statement && { statement }),
  });
  if (!needsKey(entry.actions)) return leg('notNeeded', 'These actions decrypt nothing.');
  if (secret.kmsKeyId === null) {
    return reader.crossAccount
      ? leg(
          'missing',
          'The AWS managed key aws/secretsmanager never decrypts for another account: give the secret a customer managed key.',
        )
      : leg(
          'notNeeded',
          'The AWS managed key aws/secretsmanager decrypts for every principal of this account that may read the secret.',
        );
  }
  const statement = keyStatement(secret, reader);
  try {
    const key = await keys.describe(secret.kmsKeyId, secret.region, secret.account);
    if (key.manager === 'AWS')
      return leg('missing', 'The key is managed by AWS and never decrypts for another account.');
    if (key.account !== secret.account) {
      return leg(
        'unknown',
        'The key is in a third account, whose key policy can’t be seen from here.',
        key.account,
        statement,
      );
    }
    if (!key.enabled) return leg('missing', `The key ${key.arn} is disabled.`);
    const status = await keyStatus(keys, key, secret, reader);
    return leg(status, KEY_DETAIL[status], key.account, status === 'done' ? undefined : statement);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return leg('unknown', `The key can’t be looked at: ${error.message}`, secret.account, statement);
  }
}

const KEY_DETAIL: Record<Leg['status'], string> = {
  done: 'The key lets the reader decrypt.',
  missing: 'Add this statement to the key’s policy, or repeat the share with grantKey: true.',
  unknown: 'Whether the key lets the reader decrypt depends on conditions. This statement makes it certain.',
  notNeeded: '',
};

/** What the key's policy and grants say for the reader, taking its own identity policy as given. */
async function keyStatus(keys: Keys, key: Key, secret: Secret, reader: Reader): Promise<Leg['status']> {
  const [policy, grants] = await Promise.all([keys.policy(key), keys.grants(key)]);
  const { principal } = reader;
  const granted = grants.some(
    ({ granteePrincipal, operations, secretArn }) =>
      operations.includes('Decrypt') &&
      (secretArn === null || secretArn === secret.arn) &&
      (granteePrincipal === reader.name || granteePrincipal === `arn:${secret.partition}:iam::${reader.account}:root`),
  );
  if (granted) return 'done';
  if (principal === undefined) return 'unknown';
  const { decision } = evaluateAccess({
    request: {
      caller: callerOf(principal),
      action: 'kms:Decrypt',
      resource: key.arn,
      resourceAccount: key.account,
      context: {
        'kms:ViaService': `secretsmanager.${secret.region}.amazonaws.com`,
        'kms:CallerAccount': principal.account,
        'kms:EncryptionContext:SecretARN': secret.arn,
      },
      contextIs: 'partial',
    },
    resourcePolicy: policy,
    identityPolicies: reader.crossAccount ? ALLOW_ALL : [],
  });
  return decision === 'allowed' ? 'done' : decision === 'unknown' ? 'unknown' : 'missing';
}

const ALLOW_ALL = [{ Statement: { Effect: 'Allow' as const, Action: '*', Resource: '*' } }];

/** The caller that a principal of a policy stands for, as far as its ARN tells. */
export function callerOf(principal: Principal): Caller {
  const { arn, account, type } = principal;
  if (type === 'role') return { type: 'assumedRole', arn, account };
  if (type === 'assumedRole') return { type, arn: roleOfSession(principal) ?? arn, account, sessionArn: arn };
  if (type === 'federatedUser') return { type, arn, account, sessionArn: arn };
  return { type, arn, account };
}

/** Secrets Manager User Guide, "Access from a different account", step 2; narrowed to this secret. */
const keyStatement = (secret: Secret, reader: Reader) => ({
  Effect: 'Allow',
  Principal: reader.principal === undefined ? '*' : { AWS: reader.name },
  Action: ['kms:Decrypt', 'kms:DescribeKey'],
  Resource: '*',
  Condition: {
    StringEquals: {
      'kms:ViaService': `secretsmanager.${secret.region}.amazonaws.com`,
      'kms:EncryptionContext:SecretARN': secret.arn,
      ...(reader.principal === undefined && { 'aws:PrincipalOrgID': reader.name }),
    },
  },
});

function identityLeg(secret: Secret, entry: Entry, reader: Reader): Leg {
  const base = { leg: 'identityPolicy', account: reader.account } as const;
  if (!reader.crossAccount && reader.principal?.type !== 'account') {
    return { ...base, status: 'notNeeded', detail: 'In the secret’s own account the secret’s policy is enough.' };
  }
  return {
    ...base,
    status: 'unknown',
    detail: 'The reader’s own account must allow it too, in an identity policy that can’t be seen from here.',
    statement: { Effect: 'Allow', Action: entry.actions, Resource: secret.arn },
  };
}
