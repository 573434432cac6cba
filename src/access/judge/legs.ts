import type { Clock } from '../../clock.ts';
import type { PolicyDocument, Statement } from '../../policy/document.ts';
import { one } from '../../policy/entries/templates/share-conditions.ts';
import type { Subject } from '../../policy/entries/templates/template.ts';
import { evaluateAccess } from '../../policy/evaluate/evaluate.ts';
import type { AccessRequest, Evaluation, IdentityPolicies } from '../../policy/evaluate/evaluation.ts';
import { onReplicas } from '../../policy/key-use.ts';
import { placesOf, type Secret } from '../secret.ts';
import type { Leg } from '../write/change.ts';
import { type KeyLeg, keyLeg } from './key-leg.ts';
import type { Keys } from './keys.ts';
import { isPrincipal, type Reader, readerOf } from './reader.ts';
import { viewKeys } from './view-key.ts';

/**
 * Reading across accounts stands on three legs: the secret's policy, the key, and an identity policy in the reader's own
 * account (Secrets Manager User Guide, "Access from a different account"). We see the first, the second where the key
 * is in the secret's account, and can only print the third.
 */
export type LegExaminer = {
  /** The legs of a share that was made. Never rejects: what can't be seen is `unknown`, and says why. */
  examine(secret: Secret, subject: Subject, actions: readonly string[]): Promise<Leg[]>;
  /** Looks at the key once, for as many readers as there are. Never rejects either. */
  lookAt(secret: Secret, actions: readonly string[]): Promise<(stand: Stand) => Leg[]>;
};

/** What is known of one reader. */
export type Stand = {
  reader: Reader;
  /** What the secret's policy says by itself (judge-policy.ts). */
  bySecretPolicy: Pick<Evaluation, 'decision' | 'because' | 'needsIdentityPolicy'>;
  /** What is known of the call. */
  context: AccessRequest['context'];
  identityPolicies: IdentityPolicies;
};

export function createLegExaminer(keys: Keys, clock: Clock): LegExaminer {
  const lookAt: LegExaminer['lookAt'] = async (secret, actions) => {
    const views = await viewKeys(keys, secret, actions, clock());
    return (stand) => {
      const legs = views.map((view) => keyLeg(view, stand.reader));
      const ofKeys = legs.map(({ leg }) => leg);
      return [secretLeg(secret, actions, stand), ...ofKeys, identityLeg(secret, actions, stand, legs)];
    };
  };
  return {
    lookAt,
    async examine(secret, { principal, organization, account }, actions) {
      const reader = readerOf(principal ?? organization ?? account ?? '', secret.partition);
      const needsIdentityPolicy = reader.kind === 'account' || reader.caller.account !== secret.account;
      const bySecretPolicy: Stand['bySecretPolicy'] = { decision: 'allowed', because: [], needsIdentityPolicy };
      const legsOf = await lookAt(secret, actions);
      return legsOf({ reader, bySecretPolicy, context: reader.context, identityPolicies: 'unknown' });
    },
  };
}

function secretLeg(secret: Secret, actions: readonly string[], { reader, bySecretPolicy }: Stand): Leg {
  const leg = (status: Leg['status'], detail: string, statement?: Statement): Leg => ({
    leg: 'secretPolicy',
    status,
    account: secret.account,
    detail,
    ...(statement && { statement }),
  });
  const { decision, because, needsIdentityPolicy } = bySecretPolicy;
  if (decision === 'allowed') return leg('done', 'The secret’s own policy allows it.');
  if (decision === 'explicitlyDenied')
    return leg('missing', 'A statement of the secret’s policy denies it: no share helps.');
  if (decision === 'unknown') {
    return needsIdentityPolicy && because.length === 0
      ? leg('notNeeded', 'The secret’s policy is silent. In the secret’s own account an identity policy is enough.')
      : leg('unknown', 'The secret’s policy allows it under conditions.');
  }
  const share: Statement = { Effect: 'Allow', Action: [...actions], Principal: { AWS: reader.name }, Resource: '*' };
  const named = isPrincipal(reader) ? share : undefined;
  return leg('missing', 'No statement of the secret’s policy allows it: share the secret.', named);
}

function identityLeg(secret: Secret, actions: readonly string[], stand: Stand, keyLegs: readonly KeyLeg[]): Leg {
  const { reader, bySecretPolicy, context, identityPolicies } = stand;
  const base = { leg: 'identityPolicy', account: reader.caller.account || reader.name } as const;
  if (reader.kind === 'service') {
    return { ...base, status: 'notNeeded', detail: 'AWS services have no identity policies.' };
  }
  const needed: Need[] = [
    ...(bySecretPolicy.decision === 'allowed' && !bySecretPolicy.needsIdentityPolicy
      ? []
      : secretNeeds(secret, actions, context)),
    ...keyLegs.flatMap(({ needs }) => needs),
  ];
  if (needed.length === 0) {
    return { ...base, status: 'notNeeded', detail: 'In the secret’s own account the secret’s policy is enough.' };
  }
  const { status, regions } =
    identityPolicies === 'unknown' ? UNSEEN : identityStatus(needed, reader, identityPolicies);
  const statement: Statement = {
    Effect: 'Allow',
    Action: [...new Set(needed.flatMap((need) => need.actions))],
    Resource: one([...new Set(needed.map(({ resource }) => resource))]),
  };
  const detail = `${IDENTITY_DETAIL[status]}${regions.length === 0 ? '' : ` (Of ${regions.join(', ')}.)`}`;
  return { ...base, status, detail, ...(status !== 'done' && { statement }) };
}

/** `maybe`: AWS demands it, but may not ask for it. */
type Need = {
  region: string;
  actions: readonly string[];
  resource: string;
  context: AccessRequest['context'];
  maybe?: boolean;
};

/** The secret itself, and its replicas as far as they are of use for it. */
const secretNeeds = (secret: Secret, actions: readonly string[], context: AccessRequest['context']): Need[] =>
  placesOf(secret).flatMap(({ arn, region, replica }) => {
    const here = { ...context, 'aws:RequestedRegion': region, 'secretsmanager:SecretId': arn };
    const done = replica === null ? actions : onReplicas(actions);
    return done.length === 0
      ? []
      : [{ region, actions: done, resource: arn, context: replica === null ? context : here }];
  });

const IDENTITY_DETAIL = {
  done: 'The identity policies that were given allow it.',
  missing: 'The identity policies that were given do not allow it: add this statement to one of them.',
  unknown: 'The reader’s own account must allow it too, in an identity policy that can’t be seen from here.',
};

const UNSEEN = { status: 'unknown', regions: [] } as const;

/**
 * Asked as a stranger whom the other side lets in, the identity policies alone decide.
 * @returns `regions` where it is not so in all of them
 */
function identityStatus(needed: readonly Need[], { caller }: Reader, identityPolicies: readonly PolicyDocument[]) {
  const answers = needed.flatMap(({ region, actions, resource, context, maybe = false }) =>
    actions.map((action) => {
      const request: AccessRequest = {
        ...{ caller, action, resource, context },
        resourceAccount: 'another',
        contextIs: 'partial',
      };
      const { decision } = evaluateAccess({ request, resourcePolicy: OPEN_DOOR, identityPolicies });
      if (decision === 'allowed') return { region, status: 'done' as const };
      return { region, status: maybe || decision === 'unknown' ? ('unknown' as const) : ('missing' as const) };
    }),
  );
  const status = (['missing', 'unknown'] as const).find((worse) => answers.some((answer) => answer.status === worse));
  const regions = [...new Set(answers.flatMap((answer) => (answer.status === status ? [answer.region] : [])))];
  const all = new Set(needed.map(({ region }) => region)).size;
  return { status: status ?? ('done' as const), regions: regions.length === all ? [] : regions };
}

const OPEN_DOOR: PolicyDocument = { Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' } };
