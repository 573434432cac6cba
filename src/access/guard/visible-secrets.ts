import { parseArn } from '../../policy/arn.ts';
import { DomainError } from '../../problems/problem.ts';
import type { PendingChange } from '../approvals/approval.ts';
import type { Identity } from '../identity.ts';
import type { Secret } from '../secret.ts';
import type { Change, Warning } from '../write/change.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import type { AuthorizationRequest, Authorizer } from './authorizer.ts';
import { assertAllowed, LOOK, mayLook } from './guard-change.ts';

/** What of the secrets that callers name they may know at all. */
export type VisibleSecrets = {
  /**
   * Before AWS is asked about a secret, and a role of its account assumed: the guardrails are asked about that account.
   * @throws DomainError forbidden, also for an account that this service does not work for
   */
  assertMayUse(identity: Identity, ...secretIds: string[]): Promise<void>;
  /** The same for one secret; false where that can't be found out. */
  mayUse(identity: Identity, secretId: string): Promise<boolean>;
  /** Whether it is in an account that this service works for. */
  isWorkedFor(secretId: string): Promise<boolean>;
  /** Whether the caller may see that there is this secret: who may neither read nor request it, nor freeze it, may not. */
  knows(identity: Identity, secret: NonNullable<AuthorizationRequest['secret']>): boolean;
  /** Whether the caller may see the documents of its policy. */
  readsPolicy(identity: Identity, secret: Pick<Secret, 'arn' | 'name'>): Promise<boolean>;
  /** @throws DomainError secret-not-found where the caller may not know of it */
  assertKnows(identity: Identity, secretId: string): Promise<void>;
  /** A change as the caller may see it: the documents of a policy are for who may read it. */
  asShown<Answer extends Change | PendingChange>(identity: Identity, answer: Answer): Promise<Answer>;
  /** An error as the caller may see it: a secret that it may not know of is like one that does not exist. */
  asSeen(identity: Identity, secretId: string, error: DomainError): Promise<DomainError>;
};

export function createVisibleSecrets(deps: {
  policies: Pick<SecretPolicies, 'describe'>;
  authorizer: Authorizer;
  /** The accounts that may be named by ARN; `own`: the service's alone. */
  allowed: readonly string[] | 'any' | 'own';
  ownAccount(): Promise<string>;
}): VisibleSecrets {
  const { policies, authorizer, allowed } = deps;

  const isWorkedFor = async (account: string | undefined): Promise<boolean> =>
    account === undefined ||
    allowed === 'any' ||
    (allowed !== 'own' && allowed.includes(account)) ||
    (await deps.ownAccount()) === account;

  /** False where that can't be found out. */
  const mayUse = async (identity: Identity, account: string | undefined): Promise<boolean> =>
    authorizer.decide(aboutAccount(identity, account)).allowed && isWorkedFor(account).catch(() => false);

  const knows: VisibleSecrets['knows'] = (identity, secret) =>
    KNOWING.some((action) => mayLook(authorizer, identity, action, secret));

  /** False where that can't be found out. */
  async function isHidden(identity: Identity, secretId: string): Promise<boolean> {
    const secret = await policies.describe(secretId).catch(() => null);
    return secret !== null && !knows(identity, secret);
  }

  async function readsPolicy(identity: Identity, { arn, name }: Pick<Secret, 'arn' | 'name'>): Promise<boolean> {
    const { account = '', region = '' } = parseArn(arn) ?? {};
    const described = authorizer.readsTags('readPolicy')
      ? await policies.describe(arn).catch(() => null)
      : { tags: {} };
    if (described === null) return false;
    const { tags } = described;
    return mayLook(authorizer, identity, 'readPolicy', { arn, name, account, region, tags });
  }

  return {
    async assertMayUse(identity, ...secretIds) {
      for (const account of new Set(secretIds.map(accountOf))) {
        assertAllowed(authorizer, aboutAccount(identity, account));
        if (await isWorkedFor(account)) continue;
        throw new DomainError('forbidden', {
          why: `The account ${account} is none of those that this service works for.`,
        });
      }
    },
    mayUse: (identity, secretId) => mayUse(identity, accountOf(secretId)),
    isWorkedFor: (secretId) => isWorkedFor(accountOf(secretId)),
    knows,
    readsPolicy,
    async assertKnows(identity, secretId) {
      if (!knows(identity, await policies.describe(secretId))) throw new DomainError('secret-not-found', { secretId });
    },
    async asShown(identity, answer) {
      return (await readsPolicy(identity, answer.secret)) ? answer : withoutDocuments(answer);
    },
    async asSeen(identity, secretId, error) {
      if (!tells(error) || !(await mayUse(identity, accountOf(secretId)))) return error;
      return (await isHidden(identity, secretId)) ? new DomainError('secret-not-found', { secretId }) : error;
    },
  };
}

/** Undefined for a name, which is of the service's own account, and for what is no ARN of an account. */
export const accountOf = (secretId: string): string | undefined => parseArn(secretId)?.account || undefined;

/** What the guardrails are asked about an account. */
export const aboutAccount = (identity: Identity, account: string | undefined): AuthorizationRequest => ({
  ...{ identity, action: 'useAccount', secret: null, context: LOOK },
  ofAccount: account === undefined ? {} : { account },
});

function withoutDocuments<Answer extends Change | PendingChange>(answer: Answer): Answer {
  if (!('before' in answer) && answer.diff.length === 0) return answer;
  const warnings = [...answer.warnings, NOT_SHOWN];
  return { ...answer, ...('before' in answer && { policy: null, before: null }), diff: [], warnings };
}

const NOT_SHOWN: Warning = {
  code: 'policy-not-shown',
  message: 'The documents and their difference are left out: they are for who may read the policy.',
};

const KNOWING = ['readSecret', 'readPolicy', 'freeze', 'evict', 'lift', 'requestAccess'] as const;

/** Codes that are told before anybody has looked whether the secret exists. */
const TELLS_NOTHING = ['secret-not-found', 'validation-failed', 'rate-limited', 'unauthenticated', 'overloaded'];
const tells = ({ code }: DomainError): boolean => !TELLS_NOTHING.includes(code);
