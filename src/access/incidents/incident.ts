/** What an incident is about, as it is asked for: one of `freeze` and `evict`, each with one member. */
export type IncidentAsked = {
  /** Denies reading on these secrets. */
  freeze?: { secretIds?: string[]; tag?: { key: string; value?: string }; account?: string };
  /** Whom a freeze does not deny. */
  except?: string[];
  /** Denies these everywhere, and takes their shares. */
  evict?: { account?: string; principal?: string };
};

export const incidentActions = ['freeze', 'evict'] as const;
export type IncidentAction = (typeof incidentActions)[number];

/** And what undoes them: each an action that the guardrails know by itself. */
export type IncidentChange = IncidentAction | 'lift';
export const isIncidentChange = (action: string): action is IncidentChange =>
  action === 'lift' || isIncidentAction(action);
export const isIncidentAction = (action: string): action is IncidentAction =>
  incidentActions.some((one) => one === action);

/** Of the operation that begins or lifts one. */
export type IncidentOrder = { id: string; reason: string | null; ticket: string | null };

/** Whom an incident evicts. */
export type Evicted = { account: string } | { principal: string };

/** What it denies on each of its secrets. */
export type IncidentDenial = { action: 'freeze'; except: readonly string[] } | { action: 'evict'; evicted: Evicted };

/** An incident that is not lifted yet; `lifting`: it has been begun to. */
export type StandingIncident = { id: string; denial: IncidentDenial; lifting: boolean };

/** Of an operation: which incident it is of, and what that is about where it begins it. */
export type OfIncident = {
  id: string;
  asked?: IncidentAsked;
  /** Secrets that it is about, that the guardrails refuse, and that are no items of it. */
  hidden?: number;
  /** How many there are; undefined of one that a version before this one began. */
  items?: number;
};
