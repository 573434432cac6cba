import { needsKey } from '../../policy/actions.ts';
import { type PolicyDocument, type Statement, statementsOf } from '../../policy/document.ts';
import { evaluateAccess } from '../../policy/evaluate/evaluate.ts';
import type { AccessRequest } from '../../policy/evaluate/evaluation.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Secret } from '../secret.ts';
import type { Leg } from '../write/change.ts';
import { EVERYTHING } from './judge-policy.ts';
import type { Key, KeyGrant, Keys } from './keys.ts';
import { isPrincipal, type Reader } from './reader.ts';

/** What is seen of a secret's key: once for all readers, at most one DescribeKey, one GetKeyPolicy and its grants. */
export type KeyView =
  | { is: 'notNeeded' | 'default' }
  | { is: 'unseen'; why: string }
  | { is: 'useless'; key: Key; why: string }
  | { is: 'elsewhere'; key: Key }
  | { is: 'seen'; key: Key; rules: PolicyDocument };

/** Never rejects for what AWS answers: what can't be seen is `unseen`, and says why. */
export async function viewKey(keys: Keys, secret: Secret, actions: readonly string[]): Promise<KeyView> {
  if (!needsKey(actions)) return { is: 'notNeeded' };
  if (secret.kmsKeyId === null) return { is: 'default' };
  try {
    const key = await keys.describe(secret.kmsKeyId, secret.region, secret.account);
    if (key.manager === 'AWS') {
      return { is: 'useless', key, why: 'The key is managed by AWS and never decrypts for another account.' };
    }
    if (key.account !== secret.account) return { is: 'elsewhere', key };
    if (!key.enabled) return { is: 'useless', key, why: `The key ${key.arn} is disabled.` };
    const [policy, grants] = await Promise.all([keys.policy(key), keys.grants(key)]);
    return {
      is: 'seen',
      key,
      rules: {
        ...policy,
        Statement: [...statementsOf(policy), ...grants.flatMap((grant) => asStatement(grant, secret))],
      },
    };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { is: 'unseen', why: error.message };
  }
}

/** A grant, as the statement of the key's policy that would allow the same: so that one evaluator judges both. */
function asStatement({ granteePrincipal, operations, secretArn }: KeyGrant, secret: Secret): Statement[] {
  const decrypts = operations.includes('Decrypt') && (secretArn === null || secretArn === secret.arn);
  const allow: Statement = {
    Effect: 'Allow',
    Principal: { AWS: granteePrincipal },
    Action: 'kms:Decrypt',
    Resource: '*',
  };
  return decrypts ? [allow] : [];
}

export type KeyLeg = {
  leg: Leg;
  /** The key on which the reader's identity policy must allow kms:Decrypt too; null where it need not, or none would help. */
  decryptOn: string | null;
};

/** Whether the key decrypts this secret for the reader, as far as it is not up to the reader's identity policy. */ export function keyLeg(
  view: KeyView,
  secret: Secret,
  reader: Reader,
): KeyLeg {
  const crossAccount = reader.caller.account !== secret.account;
  const statement = keyStatement(secret, reader);
  const leg = (status: Leg['status'], detail: string, key?: Key, decryptOn: string | null = null): KeyLeg => ({
    leg: {
      leg: 'keyPolicy',
      status,
      account: key?.account ?? secret.account,
      detail,
      ...(status !== 'done' && view.is in PASTABLE && statement && { statement }),
    },
    decryptOn,
  });
  switch (view.is) {
    case 'notNeeded':
      return leg('notNeeded', 'This decrypts nothing.');
    case 'default':
      return crossAccount ? leg('missing', DEFAULT_KEY.otherAccount) : leg('notNeeded', DEFAULT_KEY.ownAccount);
    case 'useless':
      return leg('missing', view.why, view.key);
    case 'elsewhere':
      return leg('unknown', DETAIL.elsewhere, view.key, view.key.arn);
    case 'unseen':
      return leg('unknown', `The key can’t be looked at: ${view.why}`);
    case 'seen': {
      const { status, byItself } = judgeKey(view, secret, reader);
      return leg(status, DETAIL[status], view.key, byItself ? null : view.key.arn);
    }
  }
}

/** Where a statement in the key's policy would help. */
const PASTABLE = { elsewhere: true, unseen: true, seen: true };

const DEFAULT_KEY = {
  otherAccount:
    'The AWS managed key aws/secretsmanager never decrypts for another account: give the secret a customer managed key.',
  ownAccount:
    'The AWS managed key aws/secretsmanager decrypts for every principal of this account that may read the secret.',
};

const DETAIL = {
  done: 'The key lets the reader decrypt.',
  missing: 'Add this statement to the key’s policy, or repeat the share with grantKey: true.',
  unknown: 'Whether the key lets the reader decrypt depends on conditions. This statement makes it certain.',
  elsewhere: 'The key is in a third account, whose key policy can’t be seen from here.',
};

/**
 * Secrets Manager calls KMS for the reader (Secrets Manager User Guide, "Secret encryption and decryption"). Identity
 * policies are taken to allow; `byItself` where the key does without them.
 */
function judgeKey({ key, rules }: KeyView & { is: 'seen' }, secret: Secret, reader: Reader) {
  const request: AccessRequest = {
    caller: reader.caller,
    action: 'kms:Decrypt',
    resource: key.arn,
    resourceAccount: key.account,
    context: decryptContext(secret, reader),
    contextIs: 'partial',
  };
  const decide = (identityPolicies: readonly PolicyDocument[]) =>
    evaluateAccess({ request, resourcePolicy: rules, identityPolicies }).decision;
  const decision = decide([EVERYTHING]);
  const status = decision === 'allowed' ? 'done' : decision === 'unknown' ? 'unknown' : 'missing';
  return { status, byItself: decide([]) === 'allowed' } as const;
}

/** What is known of the Decrypt that Secrets Manager asks for on the reader's behalf. */
export const decryptContext = (secret: Secret, { caller, context }: Reader): AccessRequest['context'] => ({
  ...context,
  'kms:ViaService': `secretsmanager.${secret.region}.amazonaws.com`,
  'kms:EncryptionContext:SecretARN': secret.arn,
  ...(caller.account !== '' && { 'kms:CallerAccount': caller.account }),
});

/**
 * Secrets Manager User Guide, "Access from a different account", step 2; narrowed to this secret. None for readers whom
 * a key's policy could let in only together with everybody else.
 */
function keyStatement(secret: Secret, reader: Reader): Statement | undefined {
  const { name, kind } = reader;
  const isOrganization = kind === 'organization';
  if (!isOrganization && !isPrincipal(reader)) return undefined;
  return {
    Effect: 'Allow',
    Principal: isOrganization ? '*' : { AWS: name },
    Action: ['kms:Decrypt', 'kms:DescribeKey'],
    Resource: '*',
    Condition: {
      StringEquals: {
        'kms:ViaService': `secretsmanager.${secret.region}.amazonaws.com`,
        'kms:EncryptionContext:SecretARN': secret.arn,
        ...(isOrganization && { 'aws:PrincipalOrgID': name }),
      },
    },
  };
}
