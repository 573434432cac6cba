import { answerOf, api, ask, of, Refused } from '../../api.js';
import { changeOf, newKey } from '../../changing.js';
import { say, waits, withWarnings } from '../toast.js';

/** @import { Change, How, Pending } from '../../changing.js' */
/** @import { Entry } from '../../words.js' */

/**
 * What every dialog about a secret is given.
 * @typedef {{ secret: { arn: string, name: string }, mayRollBack: boolean, approval?: string | null,
 *   onClose: () => void, onDone: () => void }} About
 */

/** @param {string} arn @param {AbortSignal} signal */
export const etagOf = async (arn, signal) =>
  (await ask(api.GET('/v1/secrets/{secretId}/policy', { signal, params: of(arn) }))).etag;

/** @param {Record<string, any>} values @returns {{ reason?: string, ticket?: string }} */
export const why = ({ reason, ticket }) => ({ ...(reason && { reason }), ...(ticket && { ticket }) });

/**
 * Takes away the entry that a change made, and with a share the grants on its key. Where it made none: goes back to before
 * the change, which leaves the key alone.
 * @param {Pick<About, 'secret' | 'onDone'>} about
 * @param {Pick<Change, 'changeId'> & { etag?: string }} change
 * @param {{ made?: Entry, but?: string }} [more] `but`: what undoing does not bring back
 */
export function undoOf({ secret, onDone }, { changeId, etag }, { made, but = '' } = {}) {
  const how = { dryRun: false, etag, key: newKey() };
  const said = { reason: 'Undone' };
  const undo = async () => {
    try {
      const { data, status } = await (made
        ? revoke(secret.arn, made, said, how)
        : rollBack(secret.arn, { changeId, ...said }, how));
      say(status === 202 ? waits(/** @type {Pending} */ (data)) : { text: undone(/** @type {Change} */ (data), but) });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.is('policy-changed') && made) {
        say({
          text: 'Others changed it since. Undo takes away only this.',
          undo: undoOf({ secret, onDone }, { changeId }, { made }),
        });
      } else say(notUndone(error, undo));
    }
    onDone();
  };
  return undo;
}

/** With what is left, where it is not undone whole. @param {Change} change @param {string} but */
function undone({ changed, warnings }, but) {
  const isHalf = warnings.some(({ code }) => code === 'key-grant-not-revoked');
  const words = isHalf ? 'Half undone:' : changed ? 'Undone.' : 'It is undone already.';
  return withWarnings([words, but].filter(Boolean).join(' '), warnings);
}

/** Somebody else has taken it away since. */
const GONE = ['share-not-found', 'denial-not-found', 'restriction-not-found'];

/** Asking again, with the same key, finds out what became of it. @param {Refused} error @param {() => Promise<void>} undo */
function notUndone(error, undo) {
  const { problem, message } = error;
  if (problem === null) return { text: 'No answer came: it may have been undone.', undo, again: 'Find out' };
  if (error.is(...GONE)) return { text: 'It is undone already: others took it away since.' };
  if (error.is('idempotency-in-flight')) return { text: 'It is still being undone.', undo, again: 'Look again' };
  if ((problem.status ?? 0) >= 500 && !error.is('audit-unavailable'))
    return { text: `It may have been undone: ${message}`, undo, again: 'Find out' };
  return { text: `Not undone: ${message}` };
}

/** @param {string} arn @param {{ changeId: string, reason?: string }} body @param {How} how */
export const rollBack = (arn, body, how) =>
  answerOf(api.POST('/v1/secrets/{secretId}/policy/rollback', { ...changeOf(arn, how), body }));

/** @param {string} arn @param {Entry} entry @param {Record<string, any>} values @param {How} how */
export function revoke(arn, entry, values, how) {
  const { params, ...asking } = changeOf(arn, how);
  const { path, header } = params;
  const query = { ...params.query, ...why(values) };
  const by = {
    share: () =>
      api.DELETE('/v1/secrets/{secretId}/shares/{shareId}', {
        params: { path: { ...path, shareId: entry.id }, query, header },
        ...asking,
      }),
    denial: () =>
      api.DELETE('/v1/secrets/{secretId}/denials/{denialId}', {
        params: { path: { ...path, denialId: entry.id }, query, header },
        ...asking,
      }),
    restriction: () =>
      api.DELETE('/v1/secrets/{secretId}/restrictions/{restrictionId}', {
        params: { path: { ...path, restrictionId: entry.id }, query, header },
        ...asking,
      }),
  };
  return answerOf(by[entry.kind]());
}
