import type { Clock } from '../../clock.ts';
import type { FollowUps } from '../commands/later/follow-ups.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import type { AuditJournal } from '../write/record/audit-journal.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import type { AuditTrail } from './audit-trail.ts';
import { createEntryOrigins, type SecretEvents } from './entry-origins.ts';
import { createSecretInspector } from './inspect-secret.ts';
import { createNearSecrets } from './near-secrets.ts';
import { createRecordedChanges } from './recorded-changes.ts';
import { rememberSecrets } from './remember-secrets.ts';
import type { SecretDirectory } from './secret-directory.ts';
import { shareLooks } from './share-looks.ts';
import { createPolicyViewer } from './view-policy.ts';
import { createVisibleEvents } from './visible-events.ts';

/** Looks, joined. @returns `policies`: for looks only, which share calls, and what a secret is may be some seconds old */
export function joinLooks(deps: {
  policies: SecretPolicies;
  directory: SecretDirectory;
  journal: Pick<AuditJournal, 'lastPolicy'> & AuditTrail & SecretEvents;
  followUps: Pick<FollowUps, 'noteOrphans'>;
  authorizer: Authorizer;
  clock: Clock;
  /** Where the service is. */
  place(): Promise<{ account: string; region: string }>;
}) {
  const { journal, authorizer, clock } = deps;
  const policies = shareLooks(rememberSecrets(deps.policies, clock));
  const origins = createEntryOrigins(journal, authorizer);
  const events = createVisibleEvents({ trail: journal, policies, authorizer });
  return {
    policies,
    origins,
    events,
    recordedChanges: createRecordedChanges({ trail: journal, events }),
    viewer: createPolicyViewer({ ...deps, policies, origins }),
    inspector: createSecretInspector(deps),
    near: createNearSecrets(deps),
  };
}
