import { CHOOSABLE } from './deeds.js';
import { ACTIONS, capital, nameInAccount, when } from './words.js';

/** @import { components } from '../client/schema.d.ts' */
/** @typedef {components['schemas']['PendingChange']} Pending */

/** In a request: whom it is about. */
const WHOM = ['principal', 'organization', 'organizationalUnit', 'permissionSet', 'service', 'account'];

/** Whom a request is about. @param {Record<string, unknown>} request */
export const whoIn = (request) => WHOM.flatMap((member) => nameOf(request[member]) ?? [])[0];

/**
 * What somebody asks for, in their words. What it would do is another matter (`summary`): it may be nothing.
 * @param {Pick<Pending, 'action' | 'request' | 'secret'>} pending
 */
export function askedFor({ action, request, secret: { name } }) {
  const named = whoIn(request);
  const who = named === undefined ? undefined : nameInAccount(named);
  if (action === 'share' && who !== undefined) return `Share ${name} with ${who}`;
  if (action === 'deny' && who !== undefined) return `Deny ${who} reading ${name}`;
  if (action === 'restrict') return `Restrict ${name}`;
  return `${ACTIONS[action]}: ${name}`;
}

/**
 * Of a share, a denial: with whom, what, and until when, as it was asked for.
 * @param {Pick<Pending, 'action' | 'request'>} pending
 * @returns {[label: string, words: string][]}
 */
export function detailsOf({ action, request }) {
  if (action !== 'share' && action !== 'deny') return [];
  const { actions = [], expiresAt } = /** @type {{ actions?: string[], expiresAt?: string }} */ (request);
  return [
    ['Who', whoIn(request) ?? ''],
    ['What', capital(actions.map((one) => DEEDS.get(one) ?? one).join(', '))],
    ...(action === 'share'
      ? [/** @type {[string, string]} */ (['Until', expiresAt ? when(expiresAt) : 'No end'])]
      : []),
  ];
}

/** @type {Map<string, string>} */
const DEEDS = new Map([...CHOOSABLE, ['secretsmanager:*', 'Everything, also who reads it']]);

/** Permission sets and services have a name of theirs, beside an account. @param {unknown} value */
const nameOf = (value) =>
  typeof value === 'object' && value !== null && 'name' in value
    ? `${value.name}${'account' in value ? ` of ${value.account}` : ''}`
    : typeof value === 'string'
      ? value
      : undefined;

/** By status: icon, words, tone. @type {Record<Pending['status'], [string, string, string]>} */
export const REQUEST_STATUSES = {
  pending: ['clock', 'Waits', 'unknown'],
  approved: ['clock', 'Being applied', 'unknown'],
  applied: ['check', 'Applied', 'done'],
  rejected: ['cross', 'Rejected', 'missing'],
  expired: ['minus', 'Ran out', 'notNeeded'],
  failed: ['cross', 'Failed', 'missing'],
};
