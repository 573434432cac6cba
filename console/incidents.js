import { listed } from './whom.js';
import { counted, nameInAccount, secretName } from './words.js';

/** @import { components } from '../client/schema.d.ts' */
/** @typedef {components['schemas']['Incident']} Incident */

/** By status: icon, words, tone. @type {Record<Incident['status'], [string, string, string]>} */
export const INCIDENT_STATUSES = {
  running: ['clock', 'Being done', 'unknown'],
  standing: ['snowflake', 'Stands', 'missing'],
  lifting: ['clock', 'Being lifted', 'unknown'],
  lifted: ['check', 'Lifted', 'done'],
  partlyLifted: ['question', 'Lifted in part', 'unknown'],
};

/** What is to be undone. @param {Pick<Incident, 'asked'>} incident */
export const liftOf = (incident) => `Lift: ${aboutWhat(incident).replace(/^[FE]/, (letter) => letter.toLowerCase())}`;

/** What it is about. @param {Pick<Incident, 'asked'>} incident */
export function aboutWhat({ asked: { freeze, evict } }) {
  if (evict) return `Evict ${nameInAccount(evict.principal ?? evict.account ?? '')}`;
  if (freeze?.account) return `Freeze account ${freeze.account}`;
  if (freeze?.tag) return `Freeze what is tagged ${[freeze.tag.key, freeze.tag.value].filter(Boolean).join('=')}`;
  const [first = '', ...others] = freeze?.secretIds ?? [];
  return `Freeze ${secretName(first)}${others.length > 0 ? ` and ${counted(others.length, 'secret')} more` : ''}`;
}

/**
 * As a form has it.
 * @param {Record<string, any>} values
 * @returns {components['schemas']['IncidentRequest']}
 */
export function incidentOf({ action, scope, freeze = '', tagValue = '', evict = '', except = '', reason, ticket }) {
  const said = { ...(reason && { reason }), ...(ticket && { ticket }) };
  if (action === 'evict') {
    const whom = evict.trim();
    return { evict: /^\d+$/.test(whom) ? { account: whom } : { principal: whom }, ...said };
  }
  const one = freeze.trim();
  const scopes = {
    secrets: { secretIds: listed(freeze) },
    tag: { tag: { key: one, ...(tagValue.trim() && { value: tagValue.trim() }) } },
    account: { account: one },
  };
  const spared = listed(except);
  return {
    freeze: scopes[/** @type {keyof typeof scopes} */ (scope)],
    ...(spared.length > 0 && { except: spared }),
    ...said,
  };
}
