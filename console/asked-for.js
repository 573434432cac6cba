import { ACTIONS, shortName } from './words.js';

/** @import { components } from '../client/schema.d.ts' */
/** @typedef {components['schemas']['PendingChange']} Pending */

/** In a request: whom it is about. */
const WHOM = ['principal', 'organization', 'organizationalUnit', 'permissionSet', 'service', 'account'];

/**
 * What somebody asks for, in their words. What it would do is another matter (`summary`): it may be nothing.
 * @param {Pick<Pending, 'action' | 'request' | 'secret'>} pending
 */
export function askedFor({ action, request, secret: { name } }) {
  const named = WHOM.map((member) => request[member]).find((value) => typeof value === 'string');
  const who = named === undefined ? undefined : shortName(String(named));
  if (action === 'share' && who !== undefined) return `Share ${name} with ${who}`;
  if (action === 'deny' && who !== undefined) return `Deny ${who} reading ${name}`;
  if (action === 'restrict') return `Restrict ${name}`;
  return `${ACTIONS[action]}: ${name}`;
}

/** By status: icon, words, tone. @type {Record<Pending['status'], [string, string, string]>} */
export const REQUEST_STATUSES = {
  pending: ['clock', 'Waits', 'unknown'],
  approved: ['clock', 'Being applied', 'unknown'],
  applied: ['check', 'Applied', 'done'],
  rejected: ['cross', 'Rejected', 'missing'],
  expired: ['minus', 'Ran out', 'notNeeded'],
  failed: ['cross', 'Failed', 'missing'],
};
