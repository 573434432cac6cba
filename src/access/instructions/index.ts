import type { Clock } from '../../clock.ts';
import { ALL_ACTIONS, GET_SECRET_VALUE } from '../../policy/actions.ts';
import { type Entry, isExpired, parametersOf } from '../../policy/entries/entry.ts';
import { templateNamed } from '../../policy/entries/templates/index.ts';
import { texts } from '../../policy/entries/templates/kinds/share-conditions.ts';
import { parsePrincipal } from '../../policy/principals/principal.ts';
import { entryNotFound } from '../commands/revoke-access.ts';
import type { Identity } from '../identity.ts';
import type { Leg } from '../judge/legs/leg.ts';
import type { LegExaminer } from '../judge/legs/legs.ts';
import { askedShare } from '../judge/share/asked-share.ts';
import { judgeShare } from '../judge/share/judge-share.ts';
import type { PolicyViewer } from '../looks/view-policy.ts';
import { placesOf, type Secret } from '../secret.ts';
import { commandsFor } from './commands.ts';
import { identityPolicyOf } from './identity-policy.ts';
import type { Instructions } from './instructions.ts';
import { inMarkdown } from './markdown.ts';

export type Instructor = {
  /** @throws DomainError share-not-found, secret-not-found, forbidden, aws-… */
  forReader(identity: Identity, secretId: string, shareId: string): Promise<Instructions>;
};

export function createInstructor(deps: {
  viewer: Pick<PolicyViewer, 'view'>;
  legs: LegExaminer;
  clock: Clock;
}): Instructor {
  return {
    async forReader(identity, secretId, shareId) {
      const { secret, policy, shares } = await deps.viewer.view(identity, secretId);
      const share = shares.find(({ id }) => id === shareId);
      const template = share && templateNamed(share.template);
      if (share === undefined || template === undefined) throw entryNotFound('share', shareId);
      const parameters = parametersOf(share, template);
      const asked = askedShare(template, parameters, secret.partition);
      const now = deps.clock();
      const { legs } = await judgeShare(secret, policy, asked, { now, legs: deps.legs, identity });
      const { service } = template.subject(parameters);
      const isRead = share.actions.some((action) => action === GET_SECRET_VALUE || action === ALL_ACTIONS);
      const [stage] = texts(share.conditions['versionStages']);
      const told = {
        ...{ who: share.words.who, secret: { arn: secret.arn, name: secret.name }, regions: regionsOf(secret) },
        ...{ actions: share.actions, conditions: share.words.conditions, expiresAt: share.expiresAt },
        identityPolicy: identityPolicyOf(secret, legs),
        serviceAccountAnnotation: annotationOf(share),
        open: openIn(share, legs, now),
        commands: isRead && service === undefined ? commandsFor({ place: secret, stage }) : null,
      };
      return { ...told, markdown: inMarkdown(told) };
    },
  };
}

const regionsOf = (secret: Secret) => placesOf(secret).map(({ region, arn }) => ({ region, arn }));

/**
 * Amazon EKS User Guide, "IAM roles for service accounts". Not of roles that AWS keeps for its services and for Identity Center, whose trust
 * policies are AWS's.
 */
function annotationOf({ principal, orphaned }: Entry): string | null {
  const { type, arn } = parsePrincipal(principal ?? '') ?? {};
  return type !== 'role' || orphaned || /:role\/aws-(?:reserved|service-role)\//.test(arn ?? '')
    ? null
    : `eks.amazonaws.com/role-arn: ${arn}`;
}

function openIn(share: Entry, legs: readonly Leg[], now: Date): string[] {
  // What an identity policy helps is told apart (identity-policy.ts).
  const isTold = ({ leg, statement, asOf }: Leg) => leg === 'identityPolicy' && !(asOf && statement === undefined);
  const isOpen = (leg: Leg) => !isTold(leg) && (leg.status === 'missing' || leg.status === 'unknown');
  const regionOf = ({ region }: Leg) => (region === undefined ? '' : `In ${region}: `);
  return [
    ...(isExpired(share, now) ? [`It ended at ${share.expiresAt}: who needs it must be given it anew.`] : []),
    ...(share.orphaned ? ['The principal was deleted: one made again under its name is not meant by this share.'] : []),
    ...legs.filter(isOpen).map((leg) => `${regionOf(leg)}${leg.detail}`),
  ];
}
