import { BATCH_GET } from '../../../policy/actions.ts';
import type { PolicyDocument, Statement } from '../../../policy/document.ts';
import { one } from '../../../policy/entries/templates/share-conditions.ts';
import { type Budget, isSpent } from '../../../policy/evaluate/budget.ts';
import { evaluateAccess } from '../../../policy/evaluate/evaluate.ts';
import type { IdentityPolicies, JudgedCall } from '../../../policy/evaluate/evaluation.ts';
import { not } from '../../../policy/evaluate/truth.ts';
import { TOO_MUCH } from '../dependency.ts';
import { EVERYTHING } from '../judge-policy.ts';
import type { SecretVerdict } from '../judge-secret.ts';
import type { KeyLeg } from '../key/key-leg.ts';
import type { Reader } from '../reader.ts';
import type { Leg, Limit } from './leg.ts';
import type { Need } from './need.ts';

/** Whether the reader's own account lets it, as far as that is for its identity policies to say. */
export function identityLeg(
  actions: readonly string[],
  verdict: SecretVerdict,
  keyLegs: readonly KeyLeg[],
  { identityPolicies, budget }: { identityPolicies: IdentityPolicies; budget: Budget },
): Leg {
  const reader = verdict.left;
  const base = { leg: 'identityPolicy', account: reader.caller.account || reader.name } as const;
  if (reader.kind === 'service') {
    return { ...base, status: 'notNeeded', detail: 'AWS services have no identity policies.' };
  }
  const batch = actions.includes(BATCH_GET);
  const needs = [...secretNeeds(verdict, batch), ...keyLegs.flatMap(({ needs: ofKey }) => ofKey)];
  const { status, regions } =
    identityPolicies === 'unknown' ? unseen(needs) : statusOf(needs, { reader, identityPolicies, budget });
  const wanted = needs.filter(({ allow }) => allow !== 'no');
  const stands = status === 'done' || status === 'notNeeded';
  const isLimited = stands && needs.some(({ byName }) => byName !== 'yes');
  const detail =
    (status === 'unknown' && identityPolicies !== 'unknown' ? undecided(budget) : DETAIL[status]) +
    (regions.length === 0 ? '' : ` (Of ${regions.join(', ')}.)`) +
    (isLimited ? LIMITED : stands ? NAMED : '') +
    (batch ? OF_BATCH : '');
  const isOpen = !stands && wanted.length > 0;
  return {
    ...{ ...base, status, detail },
    ...(isLimited && { unlessLimitedBy: limitsOf(reader) }),
    ...(isOpen && { statement: statementOf(wanted) }),
  };
}

/** A user has a session policy only as a federated user. */
const limitsOf = ({ kind }: Reader): Limit[] =>
  kind === 'user' ? ['permissionsBoundary'] : ['permissionsBoundary', 'sessionPolicy'];

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

function secretNeeds({ left, parts }: SecretVerdict, batch: boolean): Need[] {
  const needs = parts.map(({ region, action, request, byItself, byName }): Need => {
    const isOwn = left.caller.account === request.resourceAccount;
    return {
      ...{ region, actions: [action], resource: request.resource, context: request.context },
      allow: isOwn ? not(byItself) : 'yes',
      byName,
    };
  });
  const [first] = needs;
  return batch && first !== undefined
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

type Status = { status: Leg['status']; regions: readonly string[] };

const unseen = (needs: readonly Need[]): Status => ({
  status: needs.some(({ allow }) => allow !== 'no') ? 'unknown' : 'notNeeded',
  regions: [],
});

/** Whose policies are asked. */
type Holder = { reader: Reader; identityPolicies: readonly PolicyDocument[]; budget: Budget };

/** `regions` where it is not so in all of them. */
function statusOf(needs: readonly Need[], holder: Holder): Status {
  const answers = needs.flatMap((need) =>
    need.actions.map((action) => ({ region: need.region, status: answerOf(need, action, holder) })),
  );
  const status = WORST_FIRST.find((worse) => answers.some((answer) => answer.status === worse)) ?? 'notNeeded';
  const regions = [...new Set(answers.flatMap((answer) => (answer.status === status ? [answer.region] : [])))];
  const isOfAll = regions.length === new Set(needs.map(({ region }) => region)).size;
  return { status, regions: isOfAll || status === 'done' || status === 'notNeeded' ? [] : regions };
}

const WORST_FIRST = ['missing', 'unknown', 'done', 'notNeeded'] as const;

/** Asked as a stranger whom the other side lets in, the identity policies alone decide. */
function answerOf(
  { resource, context, allow, maybe = false }: Need,
  action: string,
  { reader: { caller }, identityPolicies, budget }: Holder,
): Leg['status'] {
  const request: JudgedCall = {
    ...{ caller, action, resource, context, budget },
    resourceAccount: 'another',
    contextIs: 'partial',
  };
  const ask = (policies: readonly PolicyDocument[]) =>
    evaluateAccess({ request, resourcePolicy: OPEN_DOOR, identityPolicies: policies }).decision;
  if (allow === 'no') {
    const decision = ask([...identityPolicies, EVERYTHING]);
    return decision === 'allowed' ? 'notNeeded' : decision === 'unknown' || maybe ? 'unknown' : 'missing';
  }
  const decision = ask(identityPolicies);
  if (decision === 'allowed') return 'done';
  const isSure = decision === 'explicitlyDenied' || (decision === 'implicitlyDenied' && allow === 'yes');
  return isSure && !maybe ? 'missing' : 'unknown';
}

const OPEN_DOOR: PolicyDocument = { Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' } };
