import { answerOf, api } from '../../api.js';
import { html } from '../../html.js';
import { ACTIONS, DEEDS, endOf, SPANS, spanOf, WHO_HINT, whom } from '../../whom.js';
import { dayOf } from '../../words.js';
import { ChangeDialog } from '../change-dialog.js';
import { Choice, Text, Tick, Why } from '../fields.js';
import { etagOf, params, undoOf, why } from './about.js';

/** @import { components } from '../../../client/schema.d.ts' */
/** @import { Change, How } from '../../changing.js' */
/** @import { About } from './about.js' */
/** @import { Form } from '../fields.js' */

/** @param {Form} form */
const shareFields = (form) => {
  const { who = '', span, date = '', deed } = form.values;
  const end = endOf(span, date);
  return html`
    <${Text} form=${form} name="who" label="Who may read it?" required hint=${whom(who).words || WHO_HINT} />
    <${Choice} form=${form} name="deed" label="What may they do?" choices=${DEEDS} />
    ${deed === 'everything' && html`<${Tick} form=${form} name="acknowledgeEscalation">They can then change who reads it. I mean that.<//>`}
    <${Choice} form=${form} name="span" label="Until" choices=${SPANS} />
    ${span === 'date' && html`<${Text} form=${form} name="date" label="Last day (UTC)" type="date" required />`}
    <p class="hint">${end === null ? 'It does not end by itself.' : `It ends on ${dayOf(end)}.`} ${form.errors['until']}</p>
    <${Why} form=${form} />`;
};

/** @param {About} about */
export const ShareDialog = (about) => html`
  <${ChangeDialog} ...${about} title=${`Share ${about.secret.name}`} fields=${shareFields} etag=${() => etagOf(about.secret.arn)}
    initial=${{ deed: 'read', span: '30d' }}
    send=${(/** @type {any} */ values, /** @type {How} */ how) => answerOf(api.POST('/v1/secrets/{secretId}/shares', { params: params(about.secret.arn, how), body: shareOf(values) }))}
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

/** @param {Record<string, any>} values @returns {components['schemas']['ShareRequest']} */
const shareOf = ({
  who,
  deed,
  span,
  date = '',
  expiresAt,
  acknowledgeEscalation,
  acknowledgeUnreadable,
  grantKey,
  ...rest
}) => ({
  ...whom(who ?? '').request,
  ...ACTIONS[deed],
  // What the check said is what is applied.
  ...(expiresAt === undefined ? spanOf(span, date) : { expiresAt }),
  ...(deed === 'everything' && acknowledgeEscalation && { acknowledgeEscalation }),
  ...(acknowledgeUnreadable && { acknowledgeUnreadable }),
  ...(grantKey && { grantKey }),
  ...why(rest),
});
