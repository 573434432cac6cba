import { html } from '../html.js';
import { onlyIf, VALUES } from '../only-if.js';
import { kindOf } from '../whom.js';
import { Choice, Fold, Text } from './fields.js';

/** @import { Form } from './fields.js' */

/** @param {{ form: Form }} props */
export function OnlyIfFields({ form }) {
  const { values } = form;
  const isService = kindOf(values) === 'service';
  return html`
    <${Fold} words="Only if" isOpen=${Object.keys(onlyIf(values, isService)).length > 0}>
      <${Choice} form=${form} name="stages" label="Which value do they read?" choices=${VALUES} />
      ${values['stages'] === 'named' && html`<${Text} form=${form} name="versionStages" label="Which stages?" required hint="AWSPENDING, or a label of your own; one to a line" />`}
      ${
        !isService &&
        html`
        <${Text} form=${form} name="sourceVpcEndpoints" label="Through which VPC endpoints do they come?" lines=${2} hint="vpce-…, one to a line. Left out: from anywhere" />
        <${Text} form=${form} name="principalTags" label="Which tags do they carry?" lines=${2} hint="team=payments, one to a line: all of these, on the user or role itself. A key alone, team: the same value as the secret’s own tag" />`
      }
    <//>`;
}
