import type { Static } from 'typebox';
import type { AuditFilter } from '../../src/access/looks/audit-trail.ts';
import { durationMs } from '../../src/duration.ts';
import { wrongField } from '../../src/problems/wrong-field.ts';
import type { AuditQuery } from './schemas.ts';

type Query = Static<typeof AuditQuery>;

/** @throws DomainError validation-failed for what does not go together */
export function filterOf(query: Query, now: Date): AuditFilter {
  const { from, to, since, format: _f, view: _v, documents: _d, limit: _l, cursor: _c, ...exact } = query;
  if (from !== undefined && since !== undefined) throw refused('since', 'does not go with from');
  const begin = since === undefined ? from && startOf(from) : new Date(now.getTime() - durationMs(since));
  return { ...exact, ...(begin && { from: begin }), ...(to !== undefined && { to: endOf(to) }) };
}

/** @throws DomainError validation-failed: changes are outcomes, OCSF tells of events, and has no table */
export function assertView({ view, phase, format, documents }: Query, asTable: boolean): void {
  if (asTable && format === 'ocsf') throw refused('format', 'does not go with text/csv: OCSF has no table');
  if (view === 'changes') {
    if (phase !== undefined) throw refused('phase', 'does not go with view=changes: a change is told by its outcome');
    if (format === 'ocsf') throw refused('format', 'does not go with view=changes: OCSF tells of events');
  } else if (documents !== undefined) throw refused('documents', 'goes with view=changes only');
}

const isDay = (text: string): boolean => text.length === 'YYYY-MM-DD'.length;
const startOf = (text: string): Date => new Date(text);
/** The whole of a day (UTC). */
const endOf = (text: string): Date => new Date(isDay(text) ? `${text}T23:59:59.999Z` : text);

const refused = (name: string, message: string) => wrongField(`/querystring/${name}`, message);
