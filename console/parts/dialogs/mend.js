import { answerOf, api } from '../../api.js';
import { changeOf } from '../../changing.js';
import { html } from '../../html.js';
import { ChangeDialog } from '../change-dialog.js';
import { Tick, Why } from '../fields.js';
import { etagOf, undoOf, why } from './about.js';

/** @import { Change, How } from '../../changing.js' */
/** @import { About } from './about.js' */
/** @import { Form } from '../fields.js' */

/** @param {About} about */
export const RestoreDialog = (about) => html`
  <${ChangeDialog} ...${about} title="Put back what somebody else dropped" etag=${(/** @type {AbortSignal} */ signal) => etagOf(about.secret.arn, signal)}
    fields=${(/** @type {Form} */ form) => html`<${Why} form=${form} />`}
    send=${(/** @type {any} */ values, /** @type {How} */ how) =>
      answerOf(
        api.POST('/v1/secrets/{secretId}/policy/restore-drift', {
          ...changeOf(about.secret.arn, how),
          body: why(values),
        }),
      )}
    done=${(/** @type {Change} */ change) => ({ text: 'Put back.', ...(about.mayRollBack && { undo: undoOf(about, change) }) })} />`;

/** @param {About} about */
export const PruneDialog = (about) => html`
  <${ChangeDialog} ...${about} title=${`Take deleted principals out of ${about.secret.name}`} etag=${(/** @type {AbortSignal} */ signal) => etagOf(about.secret.arn, signal)}
    fields=${(/** @type {Form} */ form) => html`
      <${Tick} form=${form} name="includeForeign">Out of statements of others, too: they mean the same without.<//>
      <${Why} form=${form} />`}
    send=${(/** @type {any} */ { includeForeign = false, ...rest }, /** @type {How} */ how) =>
      answerOf(
        api.POST('/v1/secrets/{secretId}/policy/prune', {
          ...changeOf(about.secret.arn, how),
          body: { includeForeign, ...why(rest) },
        }),
      )}
    done=${() => ({ text: 'Taken out.' })} />`;
