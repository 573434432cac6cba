import { useState } from 'preact/hooks';
import { html } from '../html.js';

/** JSON to read, and to take along. @param {{ value: unknown, label: string }} props */
export function Json({ value, label }) {
  const text = JSON.stringify(value, null, 2);
  return html`
    <figure class="json">
      <figcaption>${label}<${Copy} text=${text} label=${label} /></figcaption>
      <pre tabindex="0" aria-label=${label}>${text}</pre>
    </figure>`;
}

/** Clipboards are for secure origins only. @param {{ text: string, label: string, children?: string }} props */
export function Copy({ text, label, children = 'Copy' }) {
  const [isCopied, setCopied] = useState(false);
  if (navigator.clipboard === undefined) return null;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return html`<button type="button" class="small" aria-label=${`${children}: ${label}`} onClick=${copy}>${isCopied ? 'Copied' : children}</button>`;
}
