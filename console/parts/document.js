import { html } from '../html.js';
import { Json } from './json.js';

/** @import { components } from '../../client/schema.d.ts' */

/** The policy as AWS has it. @param {{ policy: components['schemas']['AttachedPolicy'] }} props */
export const Document = ({ policy: { policy, size, foreign } }) => html`
  <section aria-labelledby="document-title">
    <h2 id="document-title">The policy</h2>
    <p><label for="size">${size.characters.toLocaleString('en')} of ${size.limit.toLocaleString('en')} characters used</label> <meter id="size" max=${size.limit} value=${size.characters}></meter></p>
    ${policy === null ? html`<p class="empty">None is attached.</p>` : html`<${Json} value=${policy} label="Policy" />`}
    ${
      foreign.length > 0 &&
      html`
      <h2>Statements of others <span class="count">${foreign.length}</span></h2>
      ${foreign.map((one, index) => html`<${Json} value=${one} label=${String(one['Sid'] ?? `Statement of others ${index + 1}`)} />`)}`
    }
  </section>`;
