import type { IncidentStore } from '../bulk/operation.ts';
import type { AuditTrail } from '../looks/audit-trail.ts';
import type { ChangeEvents } from '../recover/change-events.ts';
import type { StoredRefuser } from '../stored/refuse-stored.ts';
import type { StandingIncident } from './incident.ts';
import { readAsked } from './read-asked.ts';
import { askedIn } from './trust.ts';

/**
 * Evictions that the audit log has, and that somebody took out of the database: they hold on until it is put back and they are
 * lifted, and are put on record as refused, once for each process.
 */
export type HiddenEvictions = {
  /** As of the last look. */
  current(): readonly StandingIncident[];
  /** A chore. @throws DomainError audit-unavailable */
  look(): Promise<void>;
};

export function createHiddenEvictions(deps: {
  trail: Pick<AuditTrail, 'stream'>;
  events: Pick<ChangeEvents, 'eventsOfChange'>;
  store: Pick<IncidentStore, 'find'>;
  refused: StoredRefuser;
  partition: string;
}): HiddenEvictions {
  let hidden: StandingIncident[] = [];
  const told = new Set<string>();

  async function begun(): Promise<Set<string>> {
    const ids = new Set<string>();
    for await (const { changeId, secret } of deps.trail.stream({ secret: '*', action: 'evict', outcome: 'applied' }))
      if (secret.arn === null) ids.add(changeId);
    return ids;
  }

  /** Those that denied something, and that nobody has begun to lift. */
  async function standing(missing: readonly string[]): Promise<string[]> {
    const [acted, lifted] = [new Set<string>(), new Set<string>()];
    for await (const { secret, request } of deps.trail.stream({ action: 'evict', outcome: 'applied' }))
      if (secret.arn !== null) acted.add(String(request['incident']));
    for await (const { request } of deps.trail.stream({ secret: '*', action: 'lift', outcome: 'applied' }))
      lifted.add(String(request['incident']));
    return missing.filter((id) => acted.has(id) && !lifted.has(id));
  }

  return {
    current: () => hidden,
    async look() {
      const found: StandingIncident[] = [];
      const missing: string[] = [];
      for (const id of await begun()) if ((await deps.store.find(id)) === null) missing.push(id);
      for (const id of missing.length === 0 ? [] : await standing(missing)) {
        const asked = askedIn(await deps.events.eventsOfChange(id));
        if (asked === null) continue;
        if (!told.has(id)) await deps.refused({ kind: 'operation', id });
        told.add(id);
        found.push({ id, denial: readAsked(asked, deps.partition), lifting: false });
      }
      hidden = found;
    },
  };
}
