import type { Clock } from '../../clock.ts';
import type { KeyGranter } from '../grants/key-granter.ts';
import { createIncidentHistory } from '../incidents/changes/incident-history.ts';
import type { KeyLooks } from '../judge/key/keys.ts';
import { createLegExaminer, type ReaderViewers } from '../judge/legs/legs.ts';
import type { AuditTrail } from '../looks/audit-trail.ts';
import type { PolicyViewer } from '../looks/view-policy.ts';
import type { ChangeEvents } from '../recover/change-events.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import { createCommandBuilder } from './command-registry.ts';
import { createChangeHistory } from './history.ts';
import type { FollowUps } from './later/follow-ups.ts';
import { createOrphanPruner } from './later/prune-orphans.ts';

/** What commands are made of, joined; `build` makes them of what was asked for. */
export function joinCommands(deps: {
  keys: KeyLooks;
  readers: ReaderViewers;
  granter: KeyGranter;
  viewer: Pick<PolicyViewer, 'view'>;
  policies: Pick<SecretPolicies, 'describe'>;
  followUps: Pick<FollowUps, 'noteOrphans'>;
  journal: Pick<ChangeEvents, 'eventsOfChange'> & Pick<AuditTrail, 'stream'>;
  clock: Clock;
}) {
  const legs = createLegExaminer(deps.keys, deps.clock, deps.readers);
  const history = createChangeHistory({ eventsOfChange: deps.journal.eventsOfChange, policies: deps.policies });
  const pruner = createOrphanPruner(deps);
  const incidents = createIncidentHistory(deps.journal);
  return { legs, history, pruner, build: createCommandBuilder({ ...deps, legs, history, pruner, incidents }) };
}
