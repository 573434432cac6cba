import { answerOf, api } from '../../api.js';
import { changeOf } from '../../changing.js';
import { escalates, LET } from '../../deeds.js';
import { html } from '../../html.js';
import { SHARE, shareOf } from '../../share-request.js';
import { endOf, SPANS } from '../../whom.js';
import { dayOf } from '../../words.js';
import { ChangeDialog } from '../change-dialog.js';
import { DeedField } from '../deed-field.js';
import { Choice, Text, Tick, Why } from '../fields.js';
import { OnlyIfFields } from '../only-if-fields.js';
import { WhoField } from '../who-field.js';
import { etagOf, undoOf, why } from './about.js';

/** @import { Change, How } from '../../changing.js' */
/** @import { About } from './about.js' */
/** @import { Form } from '../fields.js' */

/** @param {Form} form */
const shareFields = (form) => {
  const { span, date = '' } = form.values;
  const end = endOf(span, date);
  return html`
    <${WhoField} form=${form} label="Who may read it?" others=${['organizationalUnit', 'permissionSet', 'service']} />
    <${DeedField} form=${form} label="What may they do?" choices=${LET} />
    ${escalates(form.values) && html`<${Tick} form=${form} name="acknowledgeEscalation">They can then change who reads it. I mean that.<//>`}
    <${Choice} form=${form} name="span" label="Until" choices=${SPANS} />
    ${span === 'date' && html`<${Text} form=${form} name="date" label="Last day (UTC)" type="date" required />`}
    <p class="hint">${end === null ? 'It does not end by itself.' : `It ends on ${dayOf(end)}.`} ${form.errors['until']}</p>
    <${Why} form=${form} />
    <${OnlyIfFields} form=${form} />`;
};

/** @param {About} about */
export const ShareDialog = (about) => html`
  <${ChangeDialog} ...${about} title=${`Share ${about.secret.name}`} fields=${shareFields} etag=${(/** @type {AbortSignal} */ signal) => etagOf(about.secret.arn, signal)}
    initial=${SHARE}
    send=${(/** @type {any} */ values, /** @type {How} */ how) => answerOf(api.POST('/v1/secrets/{secretId}/shares', { ...changeOf(about.secret.arn, how), body: { ...shareOf(values), ...why(values) } }))}
    pin=${(/** @type {Change} */ { share }) => ({ expiresAt: share?.expiresAt ?? undefined })}
    done=${(/** @type {Change} */ change) => ({
      ...said(change),
      undo: undoOf(about, change, { made: change.share }),
    })} />`;

/** @type {Record<string, string>} by leg */
const MUST = {
  keyPolicy: 'The key must let them use it, too.',
  identityPolicy: 'Their own account must allow it, too.',
};

/** With what others must do for it to work, and the first statement that they paste. @param {Change} change */
function said({ share, legs }) {
  const open = legs.filter(({ leg, status }) => MUST[leg] && (status === 'missing' || status === 'unknown'));
  const shared = share?.expiresAt ? `Shared until ${dayOf(share.expiresAt)}.` : 'Shared.';
  const leg = open.find(({ statement }) => statement);
  return {
    text: [shared, ...new Set(open.map(({ leg }) => MUST[leg]))].join(' '),
    ...(leg && { copy: { text: JSON.stringify(leg.statement, null, 2), words: `Copy statement for ${leg.account}` } }),
  };
}
