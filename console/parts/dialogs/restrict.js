import { answerOf, api } from '../../api.js';
import { html } from '../../html.js';
import { listed } from '../../whom.js';
import { ChangeDialog } from '../change-dialog.js';
import { Choice, Text, Why } from '../fields.js';
import { etagOf, params, undoOf, why } from './about.js';

/** @import { components } from '../../../client/schema.d.ts' */
/** @import { Change, How } from '../../changing.js' */
/** @import { About } from './about.js' */
/** @import { Form } from '../fields.js' */

/** @type {[string, string][]} */
const BOUNDARIES = [
  ['organization', 'Our organization'],
  ['principals', 'These principals'],
  ['vpcEndpoints', 'These VPC endpoints'],
  ['vpcs', 'These VPCs'],
  ['sourceIps', 'These addresses'],
];

/** @param {Form} form */
const restrictFields = (form) => html`
  <${Choice} form=${form} name="boundary" label="Who stays inside?" choices=${BOUNDARIES} />
  <${Text} form=${form} name="inside" label="Which?" required hint=${form.values['boundary'] === 'organization' ? 'An organization: o-…' : 'One to a line'} lines=${2} />
  <${Text} form=${form} name="except" label="Except" hint="ARNs that are not denied although they are outside, one to a line" lines=${2} />
  <${Why} form=${form} />`;

/** @param {About} about */
export const RestrictDialog = (about) => html`
  <${ChangeDialog} ...${about} title=${`Restrict ${about.secret.name}`} fields=${restrictFields} etag=${() => etagOf(about.secret.arn)}
    initial=${{ boundary: 'organization' }}
    send=${(/** @type {any} */ { boundary, inside = '', except = '', ...rest }, /** @type {How} */ how) =>
      answerOf(
        api.POST('/v1/secrets/{secretId}/restrictions', {
          params: params(about.secret.arn, how),
          body: {
            boundary: boundaryOf(boundary, inside),
            ...(listed(except).length > 0 && { exceptPrincipals: listed(except) }),
            ...why(rest),
          },
        }),
      )}
    done=${(/** @type {Change} */ change) => ({ text: 'Fenced.', undo: undoOf(about, change, { made: change.restriction }) })} />`;

/** @param {string} kind @param {string} text @returns {components['schemas']['RestrictionRequest']['boundary']} */
const boundaryOf = (kind, text) =>
  /** @type {any} */ ({ [kind]: kind === 'organization' ? text.trim() : listed(text) });
