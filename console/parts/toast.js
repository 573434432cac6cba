import { signal } from '@preact/signals';
import { html } from '../html.js';
import { to } from '../router.js';
import { readable } from '../words.js';
import { Copy } from './json.js';

/**
 * `again`: what the button says that undoes it, where that was tried. `copy`: what somebody else must paste.
 * @typedef {{ text: string, href?: string, link?: string, undo?: () => Promise<void>, again?: string, copy?: { text: string, words: string } }} Toast
 */

const shown = signal(/** @type {Toast | null} */ (null));

/** What was just done, and how to undo it: until the next, or until it is put away. @param {Toast | null} toast */
export function say(toast) {
  shown.value = toast;
}

/** Of a change for which somebody else must say yes. @param {import('../changing.js').Pending} pending @returns {Toast} */
export const waits = ({ group, approvalId }) => ({
  text: `Waits for ${group}. Nothing has changed.`,
  ...{ href: to('inbox', approvalId), link: 'See the request' },
});

/** A sentence, and what to mind of it. @param {string} text @param {{ message: string }[]} warnings */
export const withWarnings = (text, warnings) => [text, ...warnings.map(({ message }) => message)].join(' ');

export function Toasts() {
  const { value } = shown;
  const undo = async () => {
    const { undo: back } = /** @type {Toast} */ (value);
    say({ text: 'Undoing it …' });
    await back?.();
  };
  return html`
    <div class="toasts" role="status">
      ${
        value &&
        html`
        <p class="toast">
          <span>${readable(value.text)}</span>
          ${value.href && html`<a href=${value.href}>${value.link}</a>`}
          ${value.copy && html`<${Copy} key=${value.copy.text} text=${value.copy.text} label="what others must paste">${value.copy.words}<//>`}
          ${value.undo && html`<button type="button" onClick=${undo}>${value.again ?? 'Undo'}</button>`}
          <button type="button" class="quiet" onClick=${() => say(null)}>Close</button>
        </p>`
      }
    </div>`;
}
