import { answerOf, api } from '../../api.js';
import { changeOf } from '../../changing.js';
import { actionsOf, KEEP } from '../../deeds.js';
import { html } from '../../html.js';
import { isService, linesOf, listed, whom } from '../../whom.js';
import { ChangeDialog } from '../change-dialog.js';
import { DeedField } from '../deed-field.js';
import { Choice, Text, Tick, Why } from '../fields.js';
import { etagOf, undoOf, why } from './about.js';

/** @import { components } from '../../../client/schema.d.ts' */
/** @import { Change, How } from '../../changing.js' */
/** @import { About } from './about.js' */
/** @import { Form } from '../fields.js' */

/** @type {[string, string][]} */
const BOUNDARIES = [
  ['organization', 'Our organization'],
  ['principals', 'These users and roles'],
  ['matchTag', 'Who has the secret’s own value of a tag'],
  ['vpcEndpoints', 'These VPC endpoints'],
  ['vpcs', 'These VPCs'],
  ['sourceIps', 'These addresses'],
];

/** @type {Record<string, string>} */
const INSIDE = {
  organization: 'Which organization?',
  principals: 'Which users and roles?',
  matchTag: 'Which tag?',
  vpcEndpoints: 'Which VPC endpoints?',
  vpcs: 'Which VPCs?',
  sourceIps: 'Which addresses?',
};

/** Where there is only one. @type {Record<string, { hint: string }>} */
const HINTS = {
  organization: { hint: 'Its id: o-…' },
  matchTag: { hint: 'Its key. While the secret has no such tag, everybody is outside' },
};
const SEVERAL = { hint: 'One to a line', lines: 2 };

const EXCEPT_HINT =
  'Who is not denied although outside, one to a line: ARNs, permission sets as Ops@222222222222, or AWS services as appflow.amazonaws.com for the roles that they have of their own';

/** @param {Record<string, any>} values */
const isOfNetwork = ({ boundary }) => ['vpcEndpoints', 'vpcs', 'sourceIps'].includes(boundary);

/** @param {Form} form */
const restrictFields = (form) => html`
  <${Choice} form=${form} name="boundary" label="Who stays inside?" choices=${BOUNDARIES} />
  <${Text} form=${form} name="inside" label=${INSIDE[form.values['boundary']]} required ...${HINTS[form.values['boundary']] ?? SEVERAL} />
  <${Text} form=${form} name="except" label="Except" hint=${EXCEPT_HINT} lines=${2} />
  ${isOfNetwork(form.values) && html`<${Tick} form=${form} name="exceptServiceLinkedRoles">Spare the roles that all AWS services have of their own: they call from AWS’s network.<//>`}
  <${DeedField} form=${form} label="What must those outside not do?" choices=${KEEP} />
  <${Why} form=${form} />`;

/** @param {About} about */
export const RestrictDialog = (about) => html`
  <${ChangeDialog} ...${about} title=${`Restrict ${about.secret.name}`} fields=${restrictFields} etag=${(/** @type {AbortSignal} */ signal) => etagOf(about.secret.arn, signal)}
    initial=${{ boundary: 'organization', deed: 'value' }}
    spare=${spare}
    send=${(
      /** @type {any} */ { boundary, inside = '', except = '', exceptServiceLinkedRoles, ...rest },
      /** @type {How} */ how,
    ) =>
      answerOf(
        api.POST('/v1/secrets/{secretId}/restrictions', {
          ...changeOf(about.secret.arn, how),
          body: {
            boundary: boundaryOf(boundary, inside),
            ...sparedIn(except),
            ...(isOfNetwork({ boundary }) && exceptServiceLinkedRoles && { exceptServiceLinkedRoles }),
            ...(rest.deed !== 'value' && { actions: actionsOf(rest) }),
            ...why(rest),
          },
        }),
      )}
    done=${(/** @type {Change} */ change) => ({ text: 'Fenced.', undo: undoOf(about, change, { made: change.restriction }) })} />`;

/** With somebody more who is not denied; none where that is said already. @param {Record<string, any>} values @param {string} who */
const spare = ({ except = '' }, who) =>
  listed(except).includes(who) ? undefined : { except: [...linesOf(except), who].join('\n') };

/** @param {string} text */
function sparedIn(text) {
  const lines = linesOf(text).map((line) => ({ line, set: whom(line).request.permissionSet }));
  const sets = lines.flatMap(({ set }) => set ?? []);
  const others = lines.flatMap(({ line, set }) => (set === undefined ? listed(line) : []));
  const services = others.filter(isService);
  const principals = others.filter((other) => !isService(other));
  return {
    ...(principals.length > 0 && { exceptPrincipals: principals }),
    ...(sets.length > 0 && { exceptPermissionSets: sets }),
    ...(services.length > 0 && { exceptServices: services }),
  };
}

/** @param {string} kind @param {string} text @returns {components['schemas']['RestrictionRequest']['boundary']} */
const boundaryOf = (kind, text) => /** @type {any} */ ({ [kind]: kind in HINTS ? text.trim() : listed(text) });
