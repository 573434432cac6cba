import { html } from '../../html.js';
import { when } from '../../words.js';
import { ChangeDialog } from '../change-dialog.js';
import { Why } from '../fields.js';
import { etagOf, rollBack, undoOf, why } from './about.js';

/** @import { Change, How } from '../../changing.js' */
/** @import { About } from './about.js' */
/** @import { Form } from '../fields.js' */

/** @param {About & { change: { changeId: string, summary: string, time: string } }} about */
export const RollbackDialog = ({ change: past, ...about }) => html`
  <${ChangeDialog} ...${about} title=${`Go back to before “${past.summary}”`} etag=${(/** @type {AbortSignal} */ signal) => etagOf(about.secret.arn, signal)}
    fields=${(/** @type {Form} */ form) => html`
      <p>The policy becomes what it was before ${when(past.time)}: what came later goes, too. Grants on the key stay as they are.</p>
      <${Why} form=${form} />`}
    send=${(/** @type {any} */ values, /** @type {How} */ how) =>
      rollBack(about.secret.arn, { changeId: past.changeId, ...why(values) }, how)}
    done=${(/** @type {Change} */ change) => ({ text: 'Went back.', undo: undoOf(about, change) })} />`;
