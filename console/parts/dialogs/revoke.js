import { html } from '../../html.js';
import { ENTRIES, fence, shortName } from '../../words.js';
import { ChangeDialog } from '../change-dialog.js';
import { Why } from '../fields.js';
import { etagOf, revoke, undoOf } from './about.js';

/** @import { Change, How } from '../../changing.js' */
/** @import { Entry } from '../../words.js' */
/** @import { About } from './about.js' */
/** @import { Form } from '../fields.js' */

/** @param {About & { entry: Entry }} about */
export const RevokeDialog = ({ entry, ...about }) => html`
  <${ChangeDialog} ...${about} title=${`Revoke the ${ENTRIES[entry.kind][0]} of ${about.secret.name}`} etag=${(/** @type {AbortSignal} */ signal) => etagOf(about.secret.arn, signal)}
    fields=${(/** @type {Form} */ form) => html`
      <p>${entry.kind === 'restriction' ? fence(entry) : html`The ${ENTRIES[entry.kind][1]} <strong>${shortName(entry.words.who)}</strong> <code>${entry.words.who}</code>`}</p>
      <${Why} form=${form} />`}
    send=${(/** @type {any} */ values, /** @type {How} */ how) => revoke(about.secret.arn, entry, values, how)}
    done=${(/** @type {Change} */ change) => ({ text: 'Revoked.', ...(about.mayRollBack && { undo: undoOf(about, change, { but: ofKey(entry) }) }) })} />`;

/** KMS makes grants for single principals only. @param {Entry} entry */
const ofKey = ({ kind, principal }) =>
  kind === 'share' && principal !== undefined ? 'If a grant on the key went with it, that was not made again.' : '';
