import type { Budget } from '../../../policy/evaluate/budget.ts';
import type { Secret } from '../../secret.ts';
import { hangsOn } from '../dependency.ts';
import { statementsIn } from '../identity/named-verdicts.ts';
import type { SecretVerdict } from '../judge-secret.ts';
import { type ControlKind, type Controls, KINDS } from '../organization/controls.ts';
import { type ControlObstacle, obstaclesIn } from '../organization/judge-controls.ts';
import { type BothControls, withPlaces } from '../organization/places.ts';
import type { Reader } from '../reader.ts';
import type { Leg } from './leg.ts';
import { type Need, resourceOf, withTags } from './need.ts';

/** Whether the resource control policies of the owner's account let it, and the service control policies of the reader's. */
export function organizationLegs(
  secret: Secret,
  { left }: SecretVerdict,
  needs: readonly Need[],
  { owner, reader, budget }: BothControls & { budget: Budget },
): Leg[] {
  const ofOwner = { kind: 'resourceControl', account: secret.account, controls: owner } as const;
  const ofReader = { kind: 'serviceControl', account: left.caller.account || left.name, controls: reader } as const;
  return [
    legOf(
      ofOwner,
      needs.filter(({ managedByAws = false }) => !managedByAws),
    ),
    ...(left.kind === 'service' ? [] : [legOf(ofReader, needs)]),
  ];

  function legOf(
    of: { kind: ControlKind; account: string; controls: Controls | undefined },
    asked: readonly Need[],
  ): Leg {
    const { kind, account, controls } = of;
    const leg = (status: Leg['status'], detail: string, asOf?: Date): Leg => ({
      ...{ leg: 'organization', status, account, detail },
      ...(asOf && { asOf: asOf.toISOString() }),
    });
    if (controls === undefined)
      return leg('unknown', 'What binds it differs from account to account, and is not seen.');
    if (controls.is === 'unseen')
      return leg('unknown', `Which ${plural(kind)} bind account ${account} is not seen: ${controls.why}`);
    if (controls.is === 'outside') {
      const where = `Account ${account} is not of the organization ${controls.organization}`;
      return leg('unknown', `${where}: which ${plural(kind)} bind it is not seen.`);
    }
    if (controls.unbound) {
      return leg(
        'notNeeded',
        `No ${KINDS[kind]} binds account ${account}, which manages the organization.`,
        controls.asOf,
      );
    }
    if (isServiceLinked(left)) return leg('notNeeded', `No ${KINDS[kind]} binds service-linked roles.`, controls.asOf);
    const levels = controls.levels[kind];
    const policies = levels.flatMap((level) => level.policies.map(({ document }) => document));
    const placed = withPlaces(withTags(asked, secret, policies), secret.account, { owner, reader });
    const found = obstaclesIn(levels, placed, { kind, caller: left.caller, budget });
    const worst = found.some(({ status }) => status === 'missing') ? 'missing' : 'unknown';
    const elsewhere = kind === 'resourceControl' ? asked.flatMap((need) => accountsBut(account, need)) : [];
    if (found.length === 0 && elsewhere.length > 0) {
      return leg(
        'unknown',
        `Which ${plural(kind)} bind the key of account ${elsewhere[0]} is not seen.`,
        controls.asOf,
      );
    }
    if (found.length === 0) return leg('done', `The ${plural(kind)} of account ${account} allow it.`, controls.asOf);
    const told = found.filter(({ status }) => status === worst).map((obstacle) => sentence(obstacle, kind));
    const isOfAll = mayBeServiceLinked(left);
    const but = worst === 'missing' && isOfAll ? ' Service-linked roles are not bound by it.' : '';
    return leg(isOfAll ? 'unknown' : worst, `${[...new Set(told)].join(' ')}${but}`, controls.asOf);
  }
}

const accountsBut = (account: string, need: Need): string[] => {
  const owner = resourceOf(need)?.account ?? account;
  return owner === account ? [] : [owner];
};

const LINKED = /:role\/aws-service-role\//;

const isServiceLinked = ({ caller }: Reader): boolean => LINKED.test(caller.arn);

/** Of a set, or of a role whose path is not known. */
const mayBeServiceLinked = ({ caller }: Reader): boolean => caller.type === 'someone' || caller.anyPath === true;

const plural = (kind: ControlKind): string => KINDS[kind].replace(/y$/, 'ies');

function sentence({ action, status, because, silent }: ControlObstacle, kind: ControlKind): string {
  if (silent !== undefined) return `No ${KINDS[kind]} of ${silent} allows ${action}.`;
  const names = statementsIn(because);
  if (status === 'missing') return `The ${KINDS[kind]} denies ${action}: ${names}.`;
  return `Whether the ${plural(kind)} allow ${action} hangs on ${names}. ${hangsOn(because).join(' ')}`.trimEnd();
}
