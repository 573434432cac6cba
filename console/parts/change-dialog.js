import { useRef, useState } from 'preact/hooks';
import { Refused } from '../api.js';
import { newKey } from '../changing.js';
import { useDuring } from '../during.js';
import { useForm } from '../form.js';
import { html } from '../html.js';
import { readable } from '../words.js';
import { Checked } from './checked.js';
import { Dialog } from './dialog.js';
import { Busy, Problem } from './face.js';
import { say, waits, withWarnings } from './toast.js';

/** @import { Change, Pending, Send } from '../changing.js' */
/** @import { Form } from './fields.js' */

/**
 * A change in two steps: what it would do, and only then doing it.
 * @param {{
 *   title: string,
 *   initial?: Record<string, unknown>,
 *   fields: (form: Form) => unknown,
 *   etag: (signal: AbortSignal) => Promise<string>,
 *   send: Send,
 *   pin?: (checked: Change) => Record<string, any>,
 *   done: (change: Change) => { text: string, undo?: () => Promise<void> },
 *   approval?: string | null,
 *   spare?: (values: Record<string, any>, who: string) => Record<string, any> | undefined,
 *   onClose: () => void,
 *   onDone: () => void,
 * }} props `etag`: of the policy of now. `pin`: what the check settled, which applying must not settle anew.
 * `approval`: the group that must say yes first. `spare`: what changes in the form so that it does not hit somebody
 */
export function ChangeDialog({ title, initial = {}, fields, etag, send, pin, done, approval, spare, onClose, onDone }) {
  const [insisted, setInsisted] = useState(/** @type {Record<string, unknown>} */ ({}));
  const [checked, setChecked] = useState(
    /** @type {{ change: Change, etag: string, values: Record<string, any> } | null} */ (null),
  );
  const { error, isBusy, during, onStop } = useDuring();
  const filled = useForm(initial, error);
  const { values } = filled;
  const key = useRef(/** @type {string | undefined} */ (undefined));

  /** @param {Record<string, unknown>} [more] what was insisted on since */
  const check = (more) =>
    during(async (signal) => {
      const insists = { ...insisted, ...more };
      const asked = { ...values, ...insists };
      setInsisted(insists);
      setChecked(null);
      const seen = await etag(signal);
      const { data } = await send(asked, { dryRun: true, etag: seen, signal });
      const change = /** @type {Change} */ (data);
      key.current = undefined;
      setChecked({ change, etag: seen, values: { ...asked, ...pin?.(change) } });
    });

  const apply = () =>
    during(async (signal) => {
      if (checked === null) return;
      key.current ??= newKey();
      const how = { dryRun: false, etag: checked.etag, key: key.current, signal };
      const { data, status } = await send(checked.values, how);
      say(status === 202 ? waits(/** @type {Pending} */ (data)) : told(/** @type {Change} */ (data), checked, done));
      onDone();
      onClose();
    });

  const sparing = (/** @type {string} */ who) => {
    const more = spare?.(values, who);
    if (more === undefined) return undefined;
    return () => {
      filled.set(more);
      check(more);
    };
  };

  /** @type {Form} */
  const form = {
    ...filled,
    set(more) {
      filled.set(more);
      setInsisted({});
    },
  };
  return html`
    <${Dialog} title=${title} isBusy=${isBusy && checked !== null} onClose=${onClose}>
      ${
        checked === null
          ? html`<${Asking} form=${form} fields=${fields} error=${error} isBusy=${isBusy} onStop=${onStop} sparing=${sparing} onCheck=${check} onClose=${onClose} />`
          : html`<${Checked} ...${checked} approval=${approval} error=${error} isBusy=${isBusy} onStop=${onStop} onApply=${apply} onBack=${() => setChecked(null)} onCheck=${check} />`
      }
    <//>`;
}

/**
 * What became of it, with what the check could not warn of: a grant that was not made, say.
 * @param {Change} change
 * @param {{ change: Change, values: Record<string, any> }} checked
 * @param {(change: Change) => import('./toast.js').Toast} done
 */
function told(change, { change: { warnings }, values }, done) {
  const known = new Set(warnings.map(({ message }) => message));
  const toast = change.changed ? done(change) : { text: values['grantKey'] ? readable(change.summary) : UNCHANGED };
  const since = change.warnings.filter(({ message }) => !known.has(message));
  return { ...toast, text: withWarnings(toast.text, since) };
}

const UNCHANGED = 'It is so already: nothing was changed.';

/** @param {any} props */
function Asking({ form, fields, error, isBusy, onStop, sparing, onCheck, onClose }) {
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    onCheck();
  };
  const hasMarks = Object.keys(form.errors).length > 0;
  return html`
    <form onSubmit=${submit} onKeyDown=${onControlEnter}>
      ${fields(form)}
      ${error !== undefined && html`<div class="in-view" ref=${inView}><${Problem} error=${error} /></div>`}
      ${error !== undefined && !hasMarks && html`<${Ways} error=${error} sparing=${sparing} onCheck=${onCheck} />`}
      <${Busy} isBusy=${isBusy} onStop=${onStop} />
      <div class="buttons">
        <button type="button" onClick=${onClose}>Cancel</button>
        <button type="submit" class="primary" disabled=${isBusy}>${isBusy ? 'Checking …' : 'Check'}</button>
      </div>
    </form>`;
}

/** A long form may end below what is seen. @param {HTMLElement | null} element */
const inView = (element) => element?.scrollIntoView({ block: 'nearest' });

/** @param {KeyboardEvent & { currentTarget: HTMLFormElement }} event */
function onControlEnter(event) {
  if (event.key === 'Enter' && event.ctrlKey) event.currentTarget.requestSubmit();
}

/** What one may insist on, once one knows. @param {any} props */
function Ways({ error, sparing, onCheck }) {
  if (!(error instanceof Refused)) return null;
  const caller = error.problem?.caller;
  const except = error.is('policy-locks-out-caller') && caller !== undefined && sparing(caller);
  if (except)
    return html`<p><button type="button" onClick=${except}>Except me</button> <span class="hint">This service, which changes the policy: <code>${caller}</code></span></p>`;
  if (error.is('kms-key-not-shareable')) {
    return html`<button type="button" onClick=${() => onCheck({ acknowledgeUnreadable: true })}>Share anyway, unreadable for now</button>`;
  }
  return null;
}
