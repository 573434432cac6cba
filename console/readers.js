import { GROUPS, LEGS, readable, when } from './words.js';

/** @import { Reader, Denied } from './words.js' */
/** @typedef {keyof typeof GROUPS} Group */

/**
 * A row of the table: a reader, or somebody whom a Deny alone names.
 * @typedef {Denied & Partial<Reader>} Row
 */

/**
 * Those of whom one cause decides, since 300 readers are seldom 300 stories.
 * @typedef {{ cause: string, rows: Row[] }} Bunch
 */

/**
 * @param {Reader[]} readers
 * @param {Denied[]} denied
 * @returns {Record<Group, Row[]>}
 */
export function grouped(readers, denied) {
  const groups = /** @type {Record<Group, Row[]>} */ ({ reads: [], depends: [], denied: [], ended: [] });
  for (const reader of readers) groups[groupOf(reader)].push(reader);
  groups.denied.push(...denied);
  return groups;
}

/** @param {Reader} reader @returns {Group} */
function groupOf({ decision, expired, orphaned, legs }) {
  if (decision === 'explicitlyDenied') return 'denied';
  if (decision === 'implicitlyDenied' || expired || orphaned) return 'ended';
  if (decision === 'unknown' || legs.some(({ status }) => status === 'missing')) return 'depends';
  return 'reads';
}

/** @param {Row[]} rows @param {Group} group @returns {Bunch[]} the largest first */
export function bunched(rows, group) {
  const bunches = Map.groupBy(rows, (row) => CAUSES[group](row));
  return [...bunches]
    .map(([cause, bunch]) => ({ cause, rows: bunch }))
    .toSorted((a, b) => b.rows.length - a.rows.length);
}

/** @type {Record<Group, (row: Row) => string>} */
const CAUSES = {
  reads: ({ exceptions = [] }) =>
    exceptions.length > 0 ? 'The policy and the key let them, but for some' : 'The policy and the key let them',
  depends: (row) => [...missing(row), ...inWords(row)].join('; ') || 'Something on the way is not known',
  denied: (row) => denialOf(row),
  ended: ({ expired, orphaned, expiresAt }) =>
    expired && expiresAt
      ? `Ended ${when(expiresAt)}`
      : orphaned
        ? 'The principal was deleted'
        : 'Named in vain: no share applies',
};

/** @param {Row} row */
const missing = ({ legs = [] }) =>
  [...new Set(legs.filter(({ status }) => status === 'missing').map(({ leg }) => leg))].map(
    (leg) => `${LEGS[leg] ?? leg}: does not let them through`,
  );

/** A sentence may be of several condition keys. @param {Row} row */
export const inWords = ({ dependsOn }) => [...new Set(dependsOn.map(({ description }) => readable(description)))];

/** What a denial was for, not which statement it is. @param {Row} row */
function denialOf({ entries, deniedBy }) {
  const denials = entries.filter(({ kind }) => kind !== 'share');
  const reasons = [...new Set(denials.map(({ reason }) => reason).filter(Boolean))];
  const said = reasons.map((reason) => `“${reason}”`).join(', ');
  if (denials.some(({ kind }) => kind === 'denial')) return said || 'Denied here, without a reason';
  if (denials.length > 0) return `Outside the fence ${said}`.trim();
  return `By a statement of others: ${deniedBy.map(({ sid, index }) => sid ?? `statement ${index + 1}`).join(', ')}`;
}

/** What a filter finds a row by. @param {Row} row @param {string} cause */
export const textOf = (row, cause) =>
  [row.principal, row.kind, cause, ...row.entries.flatMap(({ by, reason, ticket }) => [by?.subject, reason, ticket])]
    .join(' ')
    .toLowerCase();
