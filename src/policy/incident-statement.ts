import { canonicalStatement } from './canonical.ts';
import type { Statement } from './document.ts';
import type { PolicyView } from './entries/compile.ts';

/**
 * What an incident adds to a policy stands under Sids of its own, apart from our entries: no share, manifest or expiry
 * touches it, and two incidents on one secret do not know of each other. A Sid is a name that anybody may write: what
 * counts is what the statement says.
 */
export const incidentSid = (incident: string): string => `Incident${incident.replaceAll('-', '')}`;

/** The second statement of an incident has a Sid like the second one of an entry (entries/entry.ts). */
export const isOfIncident = ({ Sid = '' }: Statement): boolean => /^Incident[0-9a-f]{32}(P2)?$/.test(Sid);

type Body = Omit<Statement, 'Sid'>;

export const asIncident = (incident: string, bodies: readonly Body[]): Statement[] =>
  bodies.map((body, index) => ({ Sid: incidentSid(incident) + (index === 0 ? '' : `P${index + 1}`), ...body }));

/** What stands under the Sids of an incident, whoever wrote it. */
export const incidentStatements = (view: PolicyView, incident: string): Statement[] =>
  view.items.flatMap((item) => ('foreign' in item && isUnder(item.foreign, incident) ? [item.foreign] : []));

/** In the place of what somebody else wrote under its Sids. A view that has just this already is the same one. */
export function withIncident(view: PolicyView, incident: string, bodies: readonly Body[]): PolicyView {
  const added = asIncident(incident, bodies);
  if (sameStatements(incidentStatements(view, incident), added)) return view;
  const { items, ...rest } = withoutIncident(view, incident);
  return { ...rest, items: [...items, ...added.map((foreign) => ({ foreign }))] };
}

export const withoutIncident = (view: PolicyView, incident: string): PolicyView => ({
  ...view,
  items: view.items.filter((item) => !('foreign' in item) || !isUnder(item.foreign, incident)),
});

/** A policy apart from what incidents add to it. */
export const withoutIncidents = (view: PolicyView): PolicyView => ({
  ...view,
  items: view.items.filter((item) => !('foreign' in item) || !isOfIncident(item.foreign)),
});

/** Whether each of some statements is one of others, and none is left. */
const sameStatements = (some: readonly Statement[], others: readonly Statement[]): boolean =>
  some.length === others.length && areAmong(some, others);

export function areAmong(some: readonly Statement[], others: readonly Statement[]): boolean {
  const known = new Set(others.map(canonicalStatement));
  return some.every((statement) => known.has(canonicalStatement(statement)));
}

/** Whether a statement stands under a Sid of an incident. */
export function isUnder(statement: Statement, incident: string): boolean {
  if (!isOfIncident(statement)) return false;
  const sid = incidentSid(incident);
  return statement.Sid === sid || statement.Sid === `${sid}P2`;
}
