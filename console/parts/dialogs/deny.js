import { answerOf, api } from '../../api.js';
import { html } from '../../html.js';
import { ONE_HINT, oneNamed } from '../../whom.js';
import { shortName } from '../../words.js';
import { ChangeDialog } from '../change-dialog.js';
import { Choice, Text, Why } from '../fields.js';
import { etagOf, params, undoOf, why } from './about.js';

/** @import { Change, How } from '../../changing.js' */
/** @import { About } from './about.js' */
/** @import { Form } from '../fields.js' */

/** @param {Form} form */
const denyFields = (form) => html`
  <${Text} form=${form} name="who" label="Who must not read it?" required hint=${oneNamed(form.values['who'] ?? '').words || ONE_HINT} />
  <${Choice} form=${form} name="match" label="Whom exactly?" choices=${[
    ['principal', 'This very user or role'],
    ['arn', 'Also if made again under this name'],
  ]} />
  <${Why} form=${form} />`;

/** @param {About & { who?: string }} about `who`: of whom one looks at it */
export const DenyDialog = ({ who = '', ...about }) => html`
  <${ChangeDialog} ...${about} title=${`Deny reading ${about.secret.name}`} fields=${denyFields} etag=${() => etagOf(about.secret.arn)}
    initial=${{ match: 'principal', who }}
    send=${(/** @type {any} */ { who: whose, match, ...rest }, /** @type {How} */ how) =>
      answerOf(
        api.POST('/v1/secrets/{secretId}/denials', {
          params: params(about.secret.arn, how),
          body: { principal: oneNamed(whose ?? '').principal, match, ...why(rest) },
        }),
      )}
    done=${(/** @type {Change} */ change) => ({ text: `Denied: ${shortName(String(change.denial?.words.who))}.`, undo: undoOf(about, change, { made: change.denial }) })} />`;
