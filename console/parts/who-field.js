import { html } from '../html.js';
import { kindOf, named, ONE_HINT, oneNamed, WHO_HINT } from '../whom.js';
import { Choice, Fold, Text } from './fields.js';

/** @import { Form } from './fields.js' */
/** @typedef {'organizationalUnit' | 'permissionSet' | 'service'} Other */

/** Those whom one name does not say. @type {Record<Other, [words: string, label: string, hint: string]>} */
const KINDS = {
  organizationalUnit: ['A unit of an organization', 'Which unit?', 'Its path from the organization down: o-…/r-…/ou-…'],
  permissionSet: ['A permission set', 'Which permission set?', 'Its name in IAM Identity Center'],
  service: ['An AWS service', 'Which service?', 'As AWS writes it: appflow.amazonaws.com'],
};

/**
 * Whom a change is about: most go by one name, and the others stand folded.
 * @param {{ form: Form, label: string, others: Other[] }} props
 */
export function WhoField({ form, label, others }) {
  const kind = others.find((one) => one === kindOf(form.values)) ?? 'one';
  const takesAll = others.includes('organizationalUnit');
  const [, asked, hint] = kind === 'one' ? ['', label, takesAll ? WHO_HINT : ONE_HINT] : KINDS[kind];
  const all = named(form.values);
  const { words } = takesAll || all.request.permissionSet ? all : oneNamed(form.values['who'] ?? '');
  return html`
    <${Text} form=${form} name="who" label=${asked} required hint=${words || hint} />
    ${kind === 'permissionSet' && html`<${Text} form=${form} name="account" label="In which account?" required hint="Account number" />`}
    ${
      kind === 'service' &&
      html`
      <${Text} form=${form} name="account" label="For which account does it act?" required hint="Account number: else anybody could have it read for them" />
      <${Text} form=${form} name="sourceArn" label="For what in it?" hint="The ARN of a flow, say; * stands for a part of its name. Left out: for all" />`
    }
    <${Fold} words=${others
      .map((one) => KINDS[one][0])
      .join(', or ')
      .replaceAll(', or A', ', or a')} isOpen=${kind !== 'one'}>
      <${Choice} form=${form} name="kind" label="Who is it?" choices=${[
        ['one', takesAll ? 'An account, user, role or organization' : 'An account, user or role'],
        ...others.map((one) => [one, KINDS[one][0]]),
      ]} />
    <//>`;
}
