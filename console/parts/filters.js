import { useId, useState } from 'preact/hooks';
import { html } from '../html.js';
import { isNarrow } from '../narrow.js';
import { setQuery } from '../router.js';
import { Dialog } from './dialog.js';

/** What a list is narrowed by: it stands in the address. */

/**
 * Where there is little room: behind one button, that says how many of them narrow the list.
 * @param {{ count: number, children: unknown }} props
 */
export function Filters({ count, children }) {
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  if (!isNarrow.value) return children;
  return html`
    <button type="button" class="sheet" aria-haspopup="dialog" onClick=${() => setOpen(true)}>Filter${count > 0 && ` (${count})`}</button>
    ${isOpen && html`<${Dialog} title="Filter" onClose=${close}><div class="filters">${children}</div><div class="buttons"><button type="button" class="primary" onClick=${close}>Show</button></div><//>`}`;
}

/** @param {{ label: string, value: string, choices: [string, string][], onChange: (value: string) => void }} props */
export function Select({ label, value, choices, onChange }) {
  const id = useId();
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      <select id=${id} value=${value} onChange=${(/** @type {{ currentTarget: HTMLSelectElement }} */ event) => onChange(event.currentTarget.value)}>
        <option value="">Any</option>
        ${choices.map(([key, words]) => html`<option value=${key} selected=${key === value}>${words}</option>`)}
      </select>
    </div>`;
}

/**
 * Asked for when somebody leaves the field, or presses Enter.
 * @param {{ name: string, label: string, value: string, type?: string, also?: Record<string, string> }} props `also`: what
 * else of the query changes with it
 */
export function Typed({ name, label, value, type = 'search', also = {} }) {
  const id = useId();
  const change = (/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) =>
    setQuery({ ...also, [name]: currentTarget.value.trim() });
  return html`
    <div class="field"><label for=${id}>${label}</label><input id=${id} name=${name} type=${type} value=${value} onChange=${change} /></div>`;
}

/** Those that are seldom asked for. @param {{ isOpen: boolean, children: unknown }} props */
export const More = ({ isOpen, children }) => html`
  <details class="more" open=${isOpen}><summary>More filters</summary><div class="filters">${children}</div></details>`;

/** Of what is here already. @param {{ text: string, hint: string, said: string, onText: (text: string) => void }} props `said`: what it found */
export function Filter({ text, hint, said, onText }) {
  const id = useId();
  return html`
    <form class="filters" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <div class="field grow">
        <label for=${id}>Filter</label>
        <input id=${id} type="search" value=${text} placeholder=${hint}
          onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => onText(event.currentTarget.value)} />
        <p class="hint" role="status">${text && said}</p>
      </div>
    </form>`;
}
