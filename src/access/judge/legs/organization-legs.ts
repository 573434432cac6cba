import { isWithin } from '../../../clock.ts';
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
  { owner, reader, now, budget }: BothControls & { now: Date; budget: Budget },
): Leg[] {
  // Where the reader stands has its part in what binds the owner, and the other way round.
  const asOf = olderOf(owner, reader);
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
    const leg = (status: Leg['status'], detail: string): Leg => ({
      ...{ leg: 'organization', status, account },
      ...(controls?.is === 'seen' && asOf !== undefined
        ? { detail: `${detail}${isFresh(asOf, now) ? '' : remembered(asOf)}`, asOf: asOf.toISOString() }
        : { detail }),
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
      return leg('notNeeded', `No ${KINDS[kind]} binds account ${account}, which manages the organization.`);
    }
    if (isServiceLinked(left)) return leg('notNeeded', `No ${KINDS[kind]} binds service-linked roles.`);
    const levels = controls.levels[kind];
    const policies = levels.flatMap((level) => level.policies.map(({ document }) => document));
    const placed = withPlaces(withTags(asked, secret, policies), secret.account, { owner, reader });
    const found = obstaclesIn(levels, placed, { kind, caller: left.caller, budget });
    const worst = found.some(({ status }) => status === 'missing') ? 'missing' : 'unknown';
    const elsewhere = kind === 'resourceControl' ? asked.flatMap((need) => accountsBut(account, need)) : [];
    if (found.length === 0 && elsewhere.length > 0) {
      return leg('unknown', `Which ${plural(kind)} bind the key of account ${elsewhere[0]} is not seen.`);
    }
    if (found.length === 0) return leg('done', `The ${plural(kind)} of account ${account} allow it.`);
    const told = found.filter(({ status }) => status === worst).map((obstacle) => sentence(obstacle, kind));
    const isOfAll = mayBeServiceLinked(left);
    const but = worst === 'missing' && isOfAll ? ' Service-linked roles are not bound by it.' : '';
    return leg(isOfAll ? 'unknown' : worst, `${[...new Set(told)].join(' ')}${but}`);
  }
}

function olderOf(...both: (Controls | undefined)[]): Date | undefined {
  const times = both.flatMap((controls) =>
    controls === undefined || controls.is === 'unseen' ? [] : controls.asOf.getTime(),
  );
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}

/** What is younger is told as of now: AWS says itself that a change takes a while to be known everywhere. */
const FRESH_MS = 30_000;
const isFresh = (asOf: Date, now: Date): boolean => isWithin(FRESH_MS, asOf.getTime(), now.getTime());

const remembered = (asOf: Date): string => ` What was changed after ${asOf.toISOString()} may not be in it.`;

/** After when changes may not be in it, where that is a while ago. RFC 3339. */
export const rememberedSince = ({ detail }: Leg): string | undefined =>
  / What was changed after (\S+) may not be in it\.$/.exec(detail)?.[1];

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
