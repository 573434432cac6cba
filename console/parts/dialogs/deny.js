import { answerOf, api } from '../../api.js';
import { changeOf } from '../../changing.js';
import { actionsOf, KEEP } from '../../deeds.js';
import { html } from '../../html.js';
import { named, oneNamed } from '../../whom.js';
import { shortName } from '../../words.js';
import { ChangeDialog } from '../change-dialog.js';
import { DeedField } from '../deed-field.js';
import { Choice, Why } from '../fields.js';
import { WhoField } from '../who-field.js';
import { etagOf, undoOf, why } from './about.js';

/** @import { Change, How } from '../../changing.js' */
/** @import { About } from './about.js' */
/** @import { Form } from '../fields.js' */

/** @param {Form} form */
const denyFields = (form) => html`
  <${WhoField} form=${form} label="Who must not read it?" others=${['permissionSet']} />
  ${
    !isOfSet(form.values) &&
    html`<${Choice} form=${form} name="match" label="Whom exactly?" choices=${[
      ['principal', 'This very user or role'],
      ['arn', 'Also if made again under this name'],
    ]} />`
  }
  <${DeedField} form=${form} label="What must they not do?" choices=${KEEP} />
  <${Why} form=${form} />`;

/** A permission set is met however often it is provisioned. @param {Record<string, any>} values */
const isOfSet = (values) => named(values).request.permissionSet !== undefined;

/** @param {Record<string, any>} values */
const deniedIn = (values) =>
  isOfSet(values)
    ? named(values).request
    : { principal: oneNamed(values['who'] ?? '').principal, match: values['match'] };

/** @param {About & { who?: string }} about `who`: of whom one looks at it */
export const DenyDialog = ({ who = '', ...about }) => html`
  <${ChangeDialog} ...${about} title=${`Deny access to ${about.secret.name}`} fields=${denyFields} etag=${(/** @type {AbortSignal} */ signal) => etagOf(about.secret.arn, signal)}
    initial=${{ match: 'principal', kind: 'one', deed: 'value', who }}
    send=${(/** @type {any} */ values, /** @type {How} */ how) =>
      answerOf(
        api.POST('/v1/secrets/{secretId}/denials', {
          ...changeOf(about.secret.arn, how),
          body: { ...deniedIn(values), ...(values.deed !== 'value' && { actions: actionsOf(values) }), ...why(values) },
        }),
      )}
    done=${(/** @type {Change} */ change) => ({ text: `Denied: ${shortName(String(change.denial?.words.who))}.`, undo: undoOf(about, change, { made: change.denial }) })} />`;
