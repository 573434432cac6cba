import type { Statement } from './document.ts';
import type { PolicyView } from './entries/compile.ts';

/**
 * What an incident adds to a policy stands under a Sid of its own, apart from our entries: no share, manifest or expiry
 * touches it, and two incidents on one secret do not know of each other.
 */
export const incidentSid = (incident: string): string => `Incident${incident.replaceAll('-', '')}`;

export const isOfIncident = ({ Sid = '' }: Statement): boolean => /^Incident[0-9a-f]{32}$/.test(Sid);

export const incidentStatement = (view: PolicyView, incident: string): Statement | undefined => {
  const sid = incidentSid(incident);
  return view.items.flatMap((item) => ('foreign' in item && item.foreign.Sid === sid ? [item.foreign] : []))[0];
};

/** A view that has it already is the same one. */
export const withIncident = (view: PolicyView, incident: string, body: Omit<Statement, 'Sid'>): PolicyView =>
  incidentStatement(view, incident) === undefined
    ? { ...view, items: [...view.items, { foreign: { Sid: incidentSid(incident), ...body } }] }
    : view;

export const withoutIncident = (view: PolicyView, incident: string): PolicyView => ({
  ...view,
  items: view.items.filter((item) => !('foreign' in item) || item.foreign.Sid !== incidentSid(incident)),
});
