import type { IncidentStore } from '../../bulk/operation.ts';
import type { AuditTrail } from '../../looks/audit-trail.ts';
import type { ChangeEvents } from '../../recover/change-events.ts';
import type { StoredRefuser } from '../../stored/refuse-stored.ts';
import { begunIn } from '../begun.ts';
import type { StandingIncident } from '../incident.ts';
import { readAsked } from '../plan/read-asked.ts';

/**
 * Evictions that the audit log has, and that somebody took out of the database: they hold on until it is put back and they are
 * lifted, and are put on record as refused, once for each process.
 */
type HiddenEvictions = {
  /** As of the last look; of the first where there was none yet. @throws DomainError audit-unavailable as long as that fails */
  current(): Promise<readonly StandingIncident[]>;
  /** A chore. @throws DomainError audit-unavailable */
  look(): Promise<unknown>;
};

export function createHiddenEvictions(deps: {
  trail: Pick<AuditTrail, 'stream'>;
  events: Pick<ChangeEvents, 'eventsOfChange'>;
  store: Pick<IncidentStore, 'ids'>;
  refused: StoredRefuser;
  partition: string;
}): HiddenEvictions {
  let hidden: readonly StandingIncident[] | null = null;
  let underWay: Promise<readonly StandingIncident[]> | undefined;
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
    // By its action alone: of outcomes the journal has many more.
    for await (const { secret, request, outcome } of deps.trail.stream({ action: 'evict' }))
      if (secret.arn !== null && outcome === 'applied') acted.add(String(request['incident']));
    for await (const { request } of deps.trail.stream({ secret: '*', action: 'lift', outcome: 'applied' }))
      lifted.add(String(request['incident']));
    return missing.filter((id) => acted.has(id) && !lifted.has(id));
  }

  async function anew(): Promise<readonly StandingIncident[]> {
    const found: StandingIncident[] = [];
    const ids = await begun();
    const missing = [...ids.difference(await deps.store.ids())];
    for (const id of missing.length === 0 ? [] : await standing(missing)) {
      const asked = begunIn(await deps.events.eventsOfChange(id))?.asked ?? null;
      if (asked === null) continue;
      if (!told.has(id)) await deps.refused({ kind: 'operation', id });
      told.add(id);
      found.push({ id, denial: readAsked(asked, deps.partition), lifting: false });
    }
    hidden = found;
    return found;
  }

  function look(): Promise<readonly StandingIncident[]> {
    underWay ??= anew().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  return { current: async () => hidden ?? look(), look };
}
