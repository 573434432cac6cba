import type { ChangeEvents } from '../recover/change-events.ts';
import type { IncidentHistory } from './lift-incident.ts';

/** What incidents did: from the journal alone, whose chain shows who changes it. */
export const createIncidentHistory = ({ eventsOfChange }: Pick<ChangeEvents, 'eventsOfChange'>): IncidentHistory => ({
  async madeBy(changeId) {
    const events = await eventsOfChange(changeId);
    const made = events.find(
      ({ action, outcome }) => outcome === 'applied' && (action === 'freeze' || action === 'evict'),
    );
    if (made?.policy == null || made.secret.arn === null) return null;
    const revoked = events.filter(({ action, outcome }) => action === 'revokeGrant' && outcome === 'applied');
    return {
      secret: { arn: made.secret.arn, name: made.secret.name },
      before: made.policy.before,
      policy: made.policy.after,
      revoked: [...new Set(revoked.map(({ request }) => String(request['principal'])))],
    };
  },
});
