import { of, Refused } from './api.js';
import { readable } from './words.js';

/** @import { components } from '../client/schema.d.ts' */
/** @typedef {components['schemas']['Change']} Change */
/** @typedef {components['schemas']['PendingChange']} Pending */

/**
 * One change, as a dialog makes it: asked about first (`dryRun`), then made. `key` is the same until an answer came, so
 * that asking again finds out what became of it.
 * @typedef {{ dryRun: boolean, etag?: string, key?: string, signal?: AbortSignal }} How
 * @typedef {(values: Record<string, any>, how: How) => Promise<{ data: Change | Pending, status: number }>} Send
 */

/** An Idempotency-Key. Not `randomUUID`, which is for secure origins only. */
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** One key for each thing that is asked for: asking the same again finds out what became of it. */
export function createKeys() {
  let last = { request: '', key: '' };
  return (/** @type {unknown} */ asked) => {
    const request = JSON.stringify(asked);
    if (request !== last.request) last = { request, key: newKey() };
    return last.key;
  };
}

/** What every change of a secret takes. @param {string} arn @param {How} how */
export const changeOf = (arn, { dryRun, etag, key, signal }) => {
  const { path, query } = of(arn);
  const header = {
    ...(etag !== undefined && { 'if-match': etag }),
    ...(key !== undefined && { 'idempotency-key': key }),
  };
  return { ...(signal && { signal }), params: { path, query: { ...query, dryRun }, header } };
};

/**
 * Where the fields were refused: the name of each, and what it must be.
 * @param {unknown} error
 * @returns {Record<string, string>}
 */
export function fieldErrors(error) {
  if (!(error instanceof Refused)) return {};
  const told = (error.problem?.errors ?? []).map(({ path, message }) => [nameOf(path), `It ${readable(message)}.`]);
  return Object.fromEntries([...told, ...byCode(error)]);
}

/** @param {string} path a JSON Pointer into the request */
const nameOf = (path) => {
  const [, first = '', second = ''] = path.split('/');
  return FIELDS[`${first}/${second}`] ?? FIELDS[first] ?? first;
};

/** Parts of a request, and under which of the form’s fields one finds them. @type {Record<string, string>} */
const FIELDS = {
  organization: 'who',
  organizationalUnit: 'who',
  principal: 'who',
  permissionSet: 'who',
  'permissionSet/account': 'account',
  service: 'who',
  'service/sourceAccount': 'account',
  'service/sourceArn': 'sourceArn',
  actions: 'deed',
  boundary: 'inside',
  exceptPrincipals: 'except',
  exceptPermissionSets: 'except',
  exceptServices: 'except',
  expiresIn: 'until',
  expiresAt: 'until',
};

/** What is wrong with whom it names, as AWS or we see it. @param {Refused} error */
const byCode = (error) =>
  error.is('principal-not-found', 'principal-not-nameable', 'partition-mismatch') ? [['who', error.message]] : [];

/**
 * What becomes of a change that was refused: in words, and what the button says that asks again.
 * @param {Refused} error
 * @returns {{ words: string, again: string, how: 'check' | 'same', soon?: number } | null} null where asking again does not
 * help; `soon`: in so many seconds it does
 */
export function nextStep(error) {
  if (error.problem === null)
    return { words: 'No answer came: it may have been applied.', again: 'Find out', how: 'same' };
  if (error.is('policy-changed'))
    return { words: 'The policy changed meanwhile. Nothing was applied.', again: 'Check again', how: 'check' };
  if (error.is('idempotency-in-flight'))
    return { words: 'It is still being applied.', again: 'Look again', how: 'same' };
  if (error.is('audit-unavailable'))
    return { words: 'The audit log is away. Nothing was changed.', again: 'Try again', how: 'same' };
  const { retryAfter } = error;
  if (error.problem.retryable)
    return {
      words: error.message,
      again: retryAfter ? 'Now' : 'Try again',
      how: 'same',
      ...(retryAfter && { soon: retryAfter }),
    };
  return null;
}
