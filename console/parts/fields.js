import { useId, useState } from 'preact/hooks';
import { html } from '../html.js';

/**
 * What the fields of a form share: its values, and what was refused of them by the name of the field.
 * @typedef {{ values: Record<string, any>, set: (more: Record<string, unknown>) => void, errors: Record<string, string> }} Form
 */

/**
 * @param {{ form: Form, name: string, label: string, hint?: unknown, lines?: number, type?: string, required?: boolean,
 *   placeholder?: string, maxlength?: number }} props
 */
export function Text({ form, name, label, hint, lines, required = false, ...others }) {
  const id = useId();
  const error = form.errors[name];
  const said = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ') || undefined;
  const attributes = {
    id,
    name,
    required,
    value: form.values[name] ?? '',
    autocomplete: 'off',
    spellcheck: false,
    // Browsers take years of six digits; the API does not.
    max: others.type === 'date' ? '9999-12-31' : undefined,
    'aria-describedby': said,
    'aria-invalid': error ? 'true' : undefined,
    onInput: (/** @type {{ currentTarget: HTMLInputElement }} */ event) =>
      form.set({ [name]: event.currentTarget.value }),
    ...others,
  };
  return html`
    <div class="field">
      <label for=${id}>${label}${!required && html` <span class="hint">optional</span>`}</label>
      ${lines ? html`<textarea rows=${lines} ...${attributes}></textarea>` : html`<input ...${attributes} />`}
      ${error && html`<p class="wrong" id=${`${id}-error`}>${error}</p>`}
      ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    </div>`;
}

/** @param {{ form: Form, name: string, label: string, choices: [string, string][] }} props value and words of each */
export function Choice({ form, name, label, choices }) {
  const error = form.errors[name];
  return html`
    <fieldset class="choices">
      <legend>${label}</legend>
      ${choices.map(
        ([value, words]) => html`
          <label><input type="radio" name=${name} value=${value} checked=${form.values[name] === value}
            onChange=${() => form.set({ [name]: value })} />${words}</label>`,
      )}
      ${error && html`<p class="wrong">${error}</p>`}
    </fieldset>`;
}

/** Any number of them. @param {{ form: Form, name: string, label: string, choices: [string, string][] }} props */
export function Ticks({ form, name, label, choices }) {
  /** @type {string[]} */
  const ticked = form.values[name] ?? [];
  const toggle = (/** @type {string} */ one) =>
    form.set({ [name]: ticked.includes(one) ? ticked.filter((other) => other !== one) : [...ticked, one] });
  return html`
    <fieldset class="choices">
      <legend>${label}</legend>
      ${choices.map(([value, words]) => html`<label><input type="checkbox" checked=${ticked.includes(value)} onChange=${() => toggle(value)} />${words}</label>`)}
    </fieldset>`;
}

/** What is seldom asked for. @param {{ words: string, isOpen: boolean, children: unknown }} props `isOpen`: when it comes */
export function Fold({ words, isOpen, children }) {
  // Later it is whoever looks at it that opens and closes it.
  const [wasOpen] = useState(isOpen);
  return html`<details class="fold" open=${wasOpen}><summary>${words}</summary>${children}</details>`;
}

/** @param {{ form: Form, name: string, children: unknown }} props */
export const Tick = ({ form, name, children }) => html`
  <label class="tick"><input type="checkbox" checked=${form.values[name] === true}
    onChange=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => form.set({ [name]: event.currentTarget.checked })} />
    <span>${children}</span></label>`;

/** Why: of every change. @param {{ form: Form, required?: boolean }} props */
export const Why = ({ form, required = true }) => html`
  <${Text} form=${form} name="reason" label="Why?" required=${required} maxlength=${500} hint="Whoever reads the audit log sees it." />
  <${Text} form=${form} name="ticket" label="Ticket" maxlength=${100} />`;
