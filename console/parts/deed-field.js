import { CHOOSABLE } from '../deeds.js';
import { html } from '../html.js';
import { Choice, Ticks } from './fields.js';

/** @import { Form } from './fields.js' */

/** What they may do, or may not. @param {{ form: Form, label: string, choices: [string, string][] }} props */
export const DeedField = ({ form, label, choices }) => html`
  <${Choice} form=${form} name="deed" label=${label} choices=${choices} />
  ${form.values['deed'] === 'chosen' && html`<${Ticks} form=${form} name="actions" label="Which?" choices=${CHOOSABLE} />`}`;
