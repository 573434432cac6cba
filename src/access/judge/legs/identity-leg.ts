import { BATCH_GET } from '../../../policy/actions.ts';
import type { PolicyDocument, Statement } from '../../../policy/document.ts';
import { one } from '../../../policy/entries/templates/kinds/share-conditions.ts';
import { type Budget, type InTurns, isSpent } from '../../../policy/evaluate/budget.ts';
import type { Caller } from '../../../policy/evaluate/evaluation.ts';
import { not } from '../../../policy/evaluate/truth.ts';
import type { Secret } from '../../secret.ts';
import { TOO_MUCH } from '../dependency.ts';
import { seenInWords } from '../identity/in-words.ts';
import { judgeOwnSide, type OwnAnswer, type OwnPolicySet, worstOf } from '../identity/judge-own-side.ts';
import type { OwnSide } from '../identity/own-policies.ts';
import type { SecretVerdict } from '../judge-secret.ts';
import type { Reader } from '../reader.ts';
import type { Leg, Limit } from './leg.ts';
import { type Need, withTags } from './need.ts';

/** Whether the reader's own account lets it, as far as that is for its identity policies and permissions boundary to say. */
export function* identityLeg(
  actions: readonly string[],
  verdict: SecretVerdict,
  needs: readonly Need[],
  { own, secret, budget }: { own: OwnSide; secret: Pick<Secret, 'tags'>; budget: Budget },
): InTurns<Leg> {
  const reader = verdict.left;
  const base = { leg: 'identityPolicy', account: reader.caller.account || reader.name } as const;
  if (reader.kind === 'service') {
    return { ...base, status: 'notNeeded', detail: 'AWS services have no identity policies.' };
  }
  const batch = actions.includes(BATCH_GET);
  const policies = policiesOf(own, reader, budget);
  const answers =
    policies === undefined ? [] : yield* judgeOwnSide(withTags(needs, secret, documentsOf(policies)), policies);
  const status = policies === undefined ? unseen(needs) : worstOf(answers.map((answer) => answer.status));
  const wanted = needs.filter(({ allow }) => allow !== 'no');
  const stands = status === 'done' || status === 'notNeeded';
  const limits = stands && needs.some(({ byName }) => byName !== 'yes') ? limitsOf(reader, own) : [];
  const regions = regionsOf(status, answers, needs);
  const detail =
    detailOf(status, own, answers, budget) +
    (regions.length === 0 ? '' : ` (Of ${regions.join(', ')}.)`) +
    (stands ? limitsInWords(own, limits) : '') +
    (batch ? OF_BATCH : '');
  const isOpen = !stands && wanted.length > 0 && (own.is !== 'seen' || answers.some(isHelped));
  return {
    ...{ ...base, status, detail },
    ...(own.is === 'seen' && { asOf: own.policies.asOf.toISOString() }),
    ...(limits.length > 0 && { unlessLimitedBy: limits }),
    ...(isOpen && { statement: statementOf(wanted) }),
  };
}

const documentsOf = ({ identity, boundary }: OwnPolicySet): PolicyDocument[] =>
  [...identity, ...(boundary ? [boundary] : [])].map(({ document }) => document);

/** Undefined where they are not known. */
function policiesOf(own: OwnSide, { caller }: Reader, budget: Budget): OwnPolicySet | undefined {
  if (own.is === 'unseen') return undefined;
  if (own.is === 'given') {
    const identity = own.policies.map((document) => ({ name: '', document }));
    return { caller, identity, boundary: undefined, budget };
  }
  const { arn, identity, boundary } = own.policies;
  // A permission set is the role that it has now.
  const role: Caller = { type: 'assumedRole', arn, account: caller.account };
  const known = caller.type === 'someone' ? role : { ...caller, arn, anyPath: false };
  return { caller: known, identity, boundary, budget };
}

/** Whether an Allow more among the identity policies helps. */
const isHelped = ({ obstacles }: OwnAnswer): boolean =>
  obstacles.some(({ of, because }) => of === 'identity' && because.every(({ effect }) => effect === 'Allow'));

function detailOf(status: Leg['status'], own: OwnSide, answers: readonly OwnAnswer[], budget: Budget): string {
  if (own.is === 'seen') return seenInWords(status, own.policies, answers, isSpent(budget));
  if (status === 'unknown' && own.is === 'given') return undecided(budget);
  return DETAIL[status] + (own.is === 'unseen' && own.why !== undefined && status === 'unknown' ? ` ${own.why}` : '');
}

/** What is not seen, and must allow it too. A user has a session policy only as a federated user. */
const limitsOf = ({ kind }: Reader, own: OwnSide): Limit[] => [
  ...(own.is === 'seen' ? [] : (['permissionsBoundary'] as const)),
  ...(kind === 'user' ? [] : (['sessionPolicy'] as const)),
];

function limitsInWords(own: OwnSide, limits: readonly Limit[]): string {
  if (own.is !== 'seen') return limits.length > 0 ? LIMITED : NAMED;
  return limits.length > 0 ? ' A session policy, where there is one, must allow it too.' : '';
}

const LIMITED = ' A permissions boundary or session policy, where there is one, must allow it too.';
/** IAM User Guide, "Permissions boundaries for IAM entities": who is named itself is not limited by what they leave out. */
const NAMED =
  ' Since it is named itself, a permissions boundary or session policy need not allow it, but must not deny it.';

const DETAIL: Record<Leg['status'], string> = {
  done: 'The identity policies that were given allow it.',
  missing:
    'The identity policies that were given do not allow it, or deny it: this statement must be in one of them, and none may deny it.',
  unknown: 'The reader’s own account must allow it too, in an identity policy that can’t be seen from here.',
  notNeeded: 'In the secret’s own account the secret’s policy is enough, unless an identity policy denies it.',
};

/** Of identity policies that were given. */
const undecided = (budget: Budget): string =>
  isSpent(budget)
    ? `Whether the identity policies that were given allow it is not known: a policy’s ${TOO_MUCH}.`
    : 'Whether the identity policies that were given allow it hangs on conditions, or on what AWS’s documents do not say.';

const OF_BATCH =
  ' BatchGetSecretValue can’t be granted by a secret’s policy: the reader’s identity policy must allow it on "*".';

/** What reading asks of the reader's own side for the secret. */
export function secretNeeds({ left, parts }: SecretVerdict, actions: readonly string[]): Need[] {
  const needs = parts.map(({ region, action, request, byItself, byName }): Need => {
    const isOwn = left.caller.account === request.resourceAccount;
    return {
      ...{ region, actions: [action], resource: request.resource, context: request.context },
      allow: isOwn ? not(byItself) : 'yes',
      byName,
    };
  });
  const [first] = needs;
  return actions.includes(BATCH_GET) && first !== undefined
    ? [...needs, { ...first, actions: [BATCH_GET], resource: '*', allow: 'yes', byName: 'no' }]
    : needs;
}

const statementOf = (needs: readonly Need[]): Statement => ({
  Effect: 'Allow',
  Action: [...new Set(needs.flatMap(({ actions }) => actions.filter((action) => action !== BATCH_GET)))],
  Resource: one([
    ...new Set(needs.flatMap(({ resource }) => (typeof resource !== 'string' || resource === '*' ? [] : [resource]))),
  ]),
});

const unseen = (needs: readonly Need[]): Leg['status'] =>
  needs.some(({ allow }) => allow !== 'no') ? 'unknown' : 'notNeeded';

/** Those of which it is so, where it is not so of all. */
function regionsOf(status: Leg['status'], answers: readonly OwnAnswer[], needs: readonly Need[]): string[] {
  const regions = [...new Set(answers.flatMap((answer) => (answer.status === status ? [answer.region] : [])))];
  const isOfAll = regions.length === new Set(needs.map(({ region }) => region)).size;
  return isOfAll || status === 'done' || status === 'notNeeded' ? [] : regions;
}
