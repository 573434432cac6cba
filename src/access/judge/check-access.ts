import type { Clock } from '../../clock.ts';
import { GET_SECRET_VALUE } from '../../policy/actions.ts';
import { grammarErrors, type PolicyDocument, type Statement, statementsOf } from '../../policy/document.ts';
import { principalArn } from '../../policy/entries/normalise.ts';
import type { Decision } from '../../policy/evaluate/evaluation.ts';
import { parsePrincipal, sameRole } from '../../policy/principals/principal.ts';
import { DomainError } from '../../problems/problem.ts';
import type { FieldError } from '../../problems/row.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { guardLook } from '../guard/guard-change.ts';
import type { Identity } from '../identity.ts';
import type { Secret } from '../secret.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import { type Dependency, openQuestions } from './dependency.ts';
import { judgeAccess, PRINCIPAL_ARN } from './judge-access.ts';
import type { GivenContext } from './judged-call.ts';
import type { Leg } from './legs/leg.ts';
import type { LegExaminer } from './legs/legs.ts';
import { type Reader, readerOf } from './reader.ts';
import { judgeInTurns } from './turns.ts';

type AccessQuestion = {
  /** As in shares; an account stands for whoever of its principals may call. */
  principal: string;
  action?: string;
  context?: GivenContext;
  /** The reader's identity policies, where they are known: then they count. */
  identityPolicies?: readonly unknown[];
};

type AccessCheck = {
  secret: { arn: string; name: string };
  principal: string;
  action: string;
  decision: Decision;
  /** The statements that decide, or could. */
  because: Statement[];
  /** Those of a set for whom it is not so: of an account, or of a role. */
  exceptions: { principal: string; decision: Decision; because: Statement[] }[];
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
      const given = identityPolicies?.map(asIdentityPolicy);
      const [secret, policy] = await Promise.all([deps.policies.describe(secretId), deps.policies.get(secretId)]);
      guardLook(deps.authorizer, identity, 'checkAccess', secret);
      const { partition } = secret;
      const named = readerOf(principalArn(principal, 'principal', partition), partition);
      assertOpen(context, named);

      const now = deps.clock();
      const { reader, evaluation, verdict } = await judgeInTurns(identity, (budget) =>
        judgeAccess({ secret, policy, now }, { named, action, context, ...(given && { given }) }, budget),
      );
      const [legsOf, side] = await Promise.all([
        deps.legs.lookAt(secret, [action]),
        deps.legs.sideOf(reader, identity, given),
      ]);
      return {
        secret: { arn: secret.arn, name: secret.name },
        principal: reader.name,
        action,
        decision: evaluation.decision,
        because: evaluation.because.map(({ statement }) => statement),
        exceptions: evaluation.exceptions.map((exception) => ({
          ...exception,
          because: exception.because.map(({ statement }) => statement),
        })),
        dependsOn: openQuestions(evaluation, reader.caller.account === secret.account),
        legs: await judgeInTurns(identity, (budget) => legsOf(verdict, side, budget)),
        notes: deletionNotes(secret),
      };
    },
  };
}

export const deletionNotes = ({ deletedAt }: Secret): string[] =>
  deletedAt === null
    ? []
    : ['The secret is scheduled for deletion: until it is restored AWS refuses every read, whatever the policies say.'];

/** The one closed key that a session leaves open: its role's ARN, since the session's own does not show the path. */
const tellsPath = (name: string, value: GivenContext[string], { kind, caller }: Reader): boolean =>
  name === PRINCIPAL_ARN &&
  kind === 'assumedRole' &&
  typeof value === 'string' &&
  sameRole(value, caller.arn) &&
  parsePrincipal(value)?.type === 'role';

/** Keys whose values follow from the principal and the secret: another value would be dropped, so it is refused. */
const CLOSED_KEYS = [
  PRINCIPAL_ARN,
  'aws:principalaccount',
  'aws:principaltype',
  'aws:principalisawsservice',
  'aws:principalservicename',
  'aws:username',
  'aws:resourceaccount',
];

/** @throws DomainError validation-failed */
function assertOpen(context: GivenContext, reader: Reader): void {
  const names = Object.keys(context).map((key) => key.toLowerCase());
  const errors = Object.entries(context).flatMap(([key, value]): FieldError[] => {
    const name = key.toLowerCase();
    const path = `/context/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (CLOSED_KEYS.includes(name) && !tellsPath(name, value, reader)) {
      return [{ path, message: 'follows from the principal and the secret' }];
    }
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
