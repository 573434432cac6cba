import { ACTIONS, nameInAccount } from './words.js';

/** @import { components } from '../client/schema.d.ts' */
/** @typedef {components['schemas']['PendingChange']} Pending */

/** In a request: whom it is about. */
const WHOM = ['principal', 'organization', 'organizationalUnit', 'permissionSet', 'service', 'account'];

/**
 * What somebody asks for, in their words. What it would do is another matter (`summary`): it may be nothing.
 * @param {Pick<Pending, 'action' | 'request' | 'secret'>} pending
 */
export function askedFor({ action, request, secret: { name } }) {
  const named = WHOM.flatMap((member) => nameOf(request[member]) ?? [])[0];
  const who = named === undefined ? undefined : nameInAccount(named);
  if (action === 'share' && who !== undefined) return `Share ${name} with ${who}`;
  if (action === 'deny' && who !== undefined) return `Deny ${who} reading ${name}`;
  if (action === 'restrict') return `Restrict ${name}`;
  return `${ACTIONS[action]}: ${name}`;
}

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
