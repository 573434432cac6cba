import type { Clock } from '../../clock.ts';
import { partitionOfRegion } from '../../policy/arn.ts';
import type { BulkOperations } from '../bulk/bulk-operations.ts';
import type { IncidentStore, OperationStore } from '../bulk/operation.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import type { VisibleSecrets } from '../guard/visible-secrets.ts';
import type { AuditTrail } from '../looks/audit-trail.ts';
import type { ChangeEvents } from '../recover/change-events.ts';
import type { ChangeEnds } from '../stored/change-ends.ts';
import type { CommandSeal } from '../stored/command-seal.ts';
import type { StoredRefuser } from '../stored/refuse-stored.ts';
import type { SecretLock } from '../write/secret-lock.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import { createBegunFinder } from './find-begun.ts';
import { createIncidents } from './incidents.ts';
import { createIsGone } from './lift/gone.ts';
import { createLifting } from './lift/lifting.ts';
import { createIncidentPlanner } from './plan/plan-incident.ts';
import type { SeenEstate } from './plan/targets.ts';
import type { IncidentSight } from './sight.ts';
import { createHiddenEvictions } from './standing/hidden-evictions.ts';
import { createStandingIncidents } from './standing/standing-incidents.ts';
import { createIncidentTeller } from './tell/tell-incident.ts';
import { createIncidentTrust } from './trust.ts';

/** Incidents, joined. @param deps.policiesForLooks what a secret is may be some seconds old there */
export function joinIncidents({
  policies,
  policiesForLooks,
  ...given
}: {
  region: string;
  operations: OperationStore;
  store: IncidentStore;
  journal: Pick<AuditTrail, 'stream'> & Pick<ChangeEvents, 'eventsOfChange'>;
  ended: ChangeEnds;
  seal: CommandSeal;
  refused: StoredRefuser;
  lock: SecretLock;
  policies: Pick<SecretPolicies, 'describe'>;
  policiesForLooks: Pick<SecretPolicies, 'describe'>;
  estate: SeenEstate;
  visible: VisibleSecrets;
  authorizer: Authorizer;
  sight: IncidentSight;
  bulk: BulkOperations;
  clock: Clock;
  sleep(ms: number): Promise<void>;
}) {
  const events = given.journal;
  const partition = partitionOfRegion(given.region);
  const trust = createIncidentTrust({ ...given, events });
  const deps = { ...given, events, trail: events, partition, trust, isGone: createIsGone(policies) };
  const hidden = createHiddenEvictions(deps);
  const standing = createStandingIncidents({ ...deps, hidden: hidden.current });
  const incidents = createIncidents({
    ...{ ...deps, standing },
    plan: createIncidentPlanner({ ...deps, standing, policies: policiesForLooks }),
    tell: createIncidentTeller({ ...deps, standing }),
    lifting: createLifting(deps),
  });
  return { incidents, hidden, standing, findBegun: createBegunFinder({ ...deps, incidents }) };
}
