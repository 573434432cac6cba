import type { Budget } from '../../../policy/evaluate/budget.ts';
import type { Caller } from '../../../policy/evaluate/evaluation.ts';
import { any } from '../../../policy/evaluate/truth.ts';
import { type NamedVerdict, verdictsOf } from '../identity/named-verdicts.ts';
import { callOf, type Need } from '../legs/need.ts';
import type { ControlKind, Level } from './controls.ts';

/** What stands, or may stand, in the way of one action. `silent`: no policy of that root, unit or account allows it. */
export type ControlObstacle = {
  action: string;
  status: 'missing' | 'unknown';
  because: readonly NamedVerdict[];
  silent?: string;
};

/**
 * What control policies have against what reading takes: a Deny on any level, or, of service control policies, a level on which nothing
 * allows. Resource control policies only deny, since RCPFullAWSAccess can't be detached.
 * Source: Organizations User Guide, "SCP evaluation" and "RCP evaluation".
 */
export function obstaclesIn(
  levels: readonly Level[],
  needs: readonly Need[],
  asked: { kind: ControlKind; caller: Caller; budget: Budget },
): ControlObstacle[] {
  // Where the kind is not enabled AWS detaches all of it; else each level has one (Organizations User Guide, "Disabling a policy type").
  if (levels.every(({ policies }) => policies.length === 0)) return [];
  return needs.flatMap((need) =>
    need.actions.flatMap((action) => levels.flatMap((level) => obstacleAt(level, need, action, asked) ?? [])),
  );
}

function obstacleAt(
  { target, policies }: Level,
  need: Need,
  action: string,
  { kind, caller, budget }: Parameters<typeof obstaclesIn>[2],
): ControlObstacle | undefined {
  const { allow, maybe = false } = need;
  // A key that a version may lie under is perhaps not asked at all.
  const status = maybe || allow === 'unknown' ? 'unknown' : 'missing';
  const source = kind === 'resourceControl' ? 'resourcePolicy' : 'identityPolicy';
  const verdicts = verdictsOf(policies, callOf(need, action, { caller, budget }), source);
  const denials = verdicts.filter(({ effect }) => effect === 'Deny');
  const allows = verdicts.filter(({ effect }) => effect === 'Allow');
  const sure = denials.filter(({ applies }) => applies === 'yes');
  if (sure.length > 0) return { action, status, because: sure };
  const allowed = kind === 'resourceControl' ? 'yes' : any(allows.map(({ applies }) => applies));
  if (allowed === 'no') return { action, status, because: [], silent: target };
  const open = [...denials, ...(allowed === 'unknown' ? allows : [])];
  return open.length === 0 ? undefined : { action, status: 'unknown', because: open };
}
