import { signal } from '@preact/signals';
import { html } from '../html.js';

/** @typedef {{ text: string, href?: string, link?: string, undo?: () => Promise<void> }} Toast */

const shown = signal(/** @type {Toast | null} */ (null));

/** What was just done, and how to undo it: until the next, or until it is put away. @param {Toast | null} toast */
export function say(toast) {
  shown.value = toast;
}

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
          <span>${value.text}</span>
          ${value.href && html`<a href=${value.href}>${value.link}</a>`}
          ${value.undo && html`<button type="button" onClick=${undo}>Undo</button>`}
          <button type="button" class="quiet" onClick=${() => say(null)}>Close</button>
        </p>`
      }
    </div>`;
}
