import { answerOf, api } from '../../api.js';
import { html } from '../../html.js';
import { WHO_HINT, whom } from '../../whom.js';
import { shortName } from '../../words.js';
import { ChangeDialog } from '../change-dialog.js';
import { Choice, Text, Why } from '../fields.js';
import { etagOf, params, undoOf, why } from './about.js';

/** @import { Change, How } from '../../changing.js' */
/** @import { About } from './about.js' */
/** @import { Form } from '../fields.js' */

/** @param {Form} form */
const denyFields = (form) => html`
  <${Text} form=${form} name="who" label="Who must not read it?" required hint=${whom(form.values['who'] ?? '').words || WHO_HINT} />
  <${Choice} form=${form} name="match" label="Whom exactly?" choices=${[
    ['principal', 'This very user or role'],
    ['arn', 'Also if made again under this name'],
  ]} />
  <${Why} form=${form} />`;

/** @param {About} about */
export const DenyDialog = (about) => html`
  <${ChangeDialog} ...${about} title=${`Deny reading ${about.secret.name}`} fields=${denyFields} etag=${() => etagOf(about.secret.arn)}
    initial=${{ match: 'principal' }}
    send=${(/** @type {any} */ { who, match, ...rest }, /** @type {How} */ how) =>
      answerOf(
        api.POST('/v1/secrets/{secretId}/denials', {
          params: params(about.secret.arn, how),
          body: { principal: whom(who ?? '').request.principal ?? who, match, ...why(rest) },
        }),
      )}
    done=${(/** @type {Change} */ change) => ({ text: `Denied: ${shortName(String(change.denial?.words.who))}.`, undo: undoOf(about, change, { made: change.denial }) })} />`;
