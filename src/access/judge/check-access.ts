import type { Clock } from '../../clock.ts';
import { GET_SECRET_VALUE } from '../../policy/actions.ts';
import { grammarErrors, type PolicyDocument, type Statement, statementsOf } from '../../policy/document.ts';
import { principalArn } from '../../policy/entries/normalise.ts';
import { evaluateAccess } from '../../policy/evaluate/evaluate.ts';
import type { Decision, Evaluation } from '../../policy/evaluate/evaluation.ts';
import { DomainError } from '../../problems/problem.ts';
import type { FieldError } from '../../problems/row.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { guardLook } from '../guard/guard-change.ts';
import type { Identity } from '../identity.ts';
import type { Secret } from '../secret.ts';
import type { Leg } from '../write/change.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import { accessRequest, type GivenContext } from './access-request.ts';
import { type Dependency, openQuestions } from './dependency.ts';
import { judgePolicy } from './judge-policy.ts';
import type { LegExaminer } from './legs.ts';
import { type Reader, readerOf } from './reader.ts';

export type AccessQuestion = {
  /** As in shares; an account stands for whoever of its principals may call. */
  principal: string;
  action?: string;
  context?: GivenContext;
  /** The reader's identity policies, where they are known: then they count. */
  identityPolicies?: readonly unknown[];
};

export type AccessCheck = {
  secret: { arn: string; name: string };
  principal: string;
  action: string;
  decision: Decision;
  /** The statements that decide, or could. */
  because: Statement[];
  /** Empty unless the decision is `unknown`. */
  dependsOn: Dependency[];
  legs: Leg[];
  notes: string[];
};

export type AccessChecker = {
  /** @throws DomainError secret-not-found, forbidden, validation-failed, partition-mismatch, aws-… */
  check(identity: Identity, secretId: string, question: AccessQuestion): Promise<AccessCheck>;
};

/**
 * What the attached policy says of one call, and what else the call depends on. Without identity policies the decision
 * is the secret's policy's alone: across accounts `allowed` means that this leg stands. Nothing is ever guessed.
 */
export function createAccessChecker(deps: {
  policies: Pick<SecretPolicies, 'describe' | 'get'>;
  authorizer: Authorizer;
  legs: LegExaminer;
  clock: Clock;
}): AccessChecker {
  return {
    async check(identity, secretId, { principal, action = GET_SECRET_VALUE, context = {}, identityPolicies }) {
      assertOpen(context);
      const given = identityPolicies?.map(asIdentityPolicy);
      const [secret, policy] = await Promise.all([deps.policies.describe(secretId), deps.policies.get(secretId)]);
      guardLook(deps.authorizer, identity, 'checkAccess', secret);

      const reader = withContext(
        readerOf(principalArn(principal, 'principal', secret.partition), secret.partition),
        context,
      );
      const policies = [policy, ...(given ?? [])];
      const request = accessRequest({ secret, reader, action, now: deps.clock(), policies, given: context });
      const bySecretPolicy = judgePolicy(request, policy);
      const evaluation: Evaluation =
        given === undefined
          ? bySecretPolicy
          : evaluateAccess({ request, resourcePolicy: policy, identityPolicies: given });
      const legsOf = await deps.legs.lookAt(secret, [action]);
      return {
        secret: { arn: secret.arn, name: secret.name },
        principal: reader.name,
        action,
        decision: evaluation.decision,
        because: evaluation.because.map(({ statement }) => statement),
        dependsOn: openQuestions(evaluation, reader.caller.account === secret.account),
        legs: legsOf({ reader, bySecretPolicy, context: request.context, identityPolicies: given ?? 'unknown' }),
        notes: deletionNotes(secret),
      };
    },
  };
}

export const deletionNotes = ({ deletedAt }: Secret): string[] =>
  deletedAt === null
    ? []
    : ['The secret is scheduled for deletion: until it is restored AWS refuses every read, whatever the policies say.'];

/** What is told of the caller itself counts for the key too. */
const withContext = (reader: Reader, given: GivenContext): Reader => ({
  ...reader,
  context: {
    ...reader.context,
    ...Object.fromEntries(Object.entries(given).filter(([key]) => /^aws:Principal/i.test(key))),
  },
});

/** Keys whose values follow from the principal and the secret: another value would be dropped, so it is refused. */
const CLOSED_KEYS = [
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principaltype',
  'aws:principalisawsservice',
  'aws:principalservicename',
  'aws:username',
  'aws:resourceaccount',
];

/** @throws DomainError validation-failed */
function assertOpen(context: GivenContext): void {
  const names = Object.keys(context).map((key) => key.toLowerCase());
  const errors = Object.keys(context).flatMap((key): FieldError[] => {
    const name = key.toLowerCase();
    const path = `/context/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (CLOSED_KEYS.includes(name)) return [{ path, message: 'follows from the principal and the secret' }];
    const isTwice = names.indexOf(name) !== names.lastIndexOf(name);
    return isTwice ? [{ path, message: 'is there twice: condition keys are matched without regard to case' }] : [];
  });
  if (errors.length > 0)
    throw new DomainError('validation-failed', { why: 'The context can’t be used as it is.', errors });
}

/** @throws DomainError validation-failed when it is no policy document, or one of a resource */
function asIdentityPolicy(document: unknown, index: number): PolicyDocument {
  const path = `/identityPolicies/${index}`;
  const faults: FieldError[] = grammarErrors(document).map((fault) => ({ ...fault, path: path + fault.path }));
  const policy = document as PolicyDocument;
  if (faults.length === 0 && statementsOf(policy).every(({ Principal, NotPrincipal }) => !Principal && !NotPrincipal)) {
    return policy;
  }
  const errors = faults.length > 0 ? faults : [{ path, message: 'must not name principals: it is whose policy it is' }];
  throw new DomainError('validation-failed', { why: 'This is not an identity policy.', errors });
}
