import { answerOf, api, ask, of, Refused } from '../../api.js';
import { howParams } from '../../changing.js';
import { say } from '../toast.js';

/** @import { Change, How } from '../../changing.js' */
/** @import { Entry } from '../../words.js' */

/**
 * What every dialog about a secret is given.
 * @typedef {{ secret: { arn: string, name: string }, mayRollBack: boolean, approval?: string | null,
 *   onClose: () => void, onDone: () => void }} About
 */

/** @param {string} arn */
export const etagOf = async (arn) => (await ask(api.GET('/v1/secrets/{secretId}/policy', { params: of(arn) }))).etag;

/** @param {string} arn @param {How} how */
export const params = (arn, how) => {
  const { path, query } = of(arn);
  const { query: more, header } = howParams(how);
  return { path, query: { ...query, ...more }, header };
};

/** @param {Record<string, any>} values @returns {{ reason?: string, ticket?: string }} */
export const why = ({ reason, ticket }) => ({ ...(reason && { reason }), ...(ticket && { ticket }) });

/**
 * Goes back to before a change, or, where others changed the policy since, or one may not, takes only its entry away.
 * @param {About} about @param {Change} change @param {Entry} [made]
 */
export const undoOf =
  ({ secret, mayRollBack, onDone }, { changeId, etag }, made) =>
  async () => {
    const how = { dryRun: false, etag };
    try {
      if (mayRollBack)
        await ask(
          api.POST('/v1/secrets/{secretId}/policy/rollback', {
            params: params(secret.arn, how),
            body: { changeId, reason: 'Undone' },
          }),
        );
      else if (made) await revoke(secret.arn, made, { reason: 'Undone' }, how);
      say({ text: 'Undone.' });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.is('policy-changed') && made) {
        say({
          text: 'Others changed it since. Undo takes away only this.',
          undo: undoOf({ secret, mayRollBack: false, onClose() {}, onDone }, /** @type {any} */ ({ changeId }), made),
        });
      } else say({ text: `Not undone: ${error.message}` });
    }
    onDone();
  };

/** @param {string} arn @param {Entry} entry @param {Record<string, any>} values @param {How} how */
export function revoke(arn, entry, values, how) {
  const { path, query, header } = params(arn, how);
  const all = { ...query, ...why(values) };
  const by = {
    share: () =>
      api.DELETE('/v1/secrets/{secretId}/shares/{shareId}', {
        params: { path: { ...path, shareId: entry.id }, query: all, header },
      }),
    denial: () =>
      api.DELETE('/v1/secrets/{secretId}/denials/{denialId}', {
        params: { path: { ...path, denialId: entry.id }, query: all, header },
      }),
    restriction: () =>
      api.DELETE('/v1/secrets/{secretId}/restrictions/{restrictionId}', {
        params: { path: { ...path, restrictionId: entry.id }, query: all, header },
      }),
  };
  return answerOf(by[entry.kind]());
}
