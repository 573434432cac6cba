import { html } from '../html.js';
import { counted } from '../words.js';
import { Copy } from './json.js';

/** A long list to take along. @param {{ title: string, names: string[], total?: number }} props */
export const Names = ({ title, names, total = names.length }) =>
  total > 0 &&
  html`
    <details>
      <summary>${title} (${counted(total, 'secret')})</summary>
      <${Copy} text=${names.join('\n')} label=${title} />
      <ul class="plain">${names.map((name) => html`<li><code>${name}</code></li>`)}</ul>
      ${total > names.length && html`<p class="hint">And ${total - names.length} more.</p>`}
    </details>`;
