import { useRef } from 'preact/hooks';
import { api, ask } from '../api.js';
import { createKeys } from '../changing.js';
import { useDuring } from '../during.js';
import { useForm } from '../form.js';
import { html } from '../html.js';
import { to } from '../router.js';
import { ONE_HINT, oneNamed, SPANS, spanOf } from '../whom.js';
import { why } from './dialogs/about.js';
import { Busy, Problem } from './face.js';
import { Choice, Text, Why } from './fields.js';
import { say } from './toast.js';

/**
 * Whoever may not share asks who may: nothing changes by it.
 * @param {{ secretId?: string, onDone: () => void, onCancel?: () => void }} props `secretId` left out: it is asked for
 */
export function RequestForm({ secretId, onDone, onCancel }) {
  const { error, isBusy, during, onStop } = useDuring();
  const form = useForm({ span: '30d' }, error);
  const { values } = form;
  const keyFor = useRef(createKeys()).current;
  const { who = '', span, date = '', secretId: typed = '' } = /** @type {Record<string, string>} */ (values);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    await during(async (signal) => {
      const { principal } = oneNamed(who);
      const about = { secretId: secretId ?? typed.trim(), principal };
      const body = { ...about, reason: '', ...why(values), ...spanOf(span ?? '', date) };
      const params = { header: { 'idempotency-key': keyFor(body) } };
      const { group, approvalId } = await ask(api.POST('/v1/access-requests', { signal, params, body }));
      say({ text: `Waits for ${group}.`, href: `${to('inbox', approvalId)}?box=mine`, link: 'See the request' });
      form.set({ who: '', reason: '', ticket: '', secretId: '' });
      onDone();
    });
  };
  return html`
    <form onSubmit=${submit}>
      ${secretId === undefined && html`<${Text} form=${form} name="secretId" label="Which secret?" required hint="Its name, or its ARN" />`}
      <${Text} form=${form} name="who" label="Who wants to read it?" required hint=${oneNamed(who).words || ONE_HINT} />
      <${Choice} form=${form} name="span" label="Until" choices=${SPANS.filter(([one]) => one !== 'none')} />
      ${span === 'date' && html`<${Text} form=${form} name="date" label="Last day (UTC)" type="date" required />`}
      <${Why} form=${form} />
      ${error !== undefined && html`<${Problem} error=${error} />`}
      <${Busy} isBusy=${isBusy} onStop=${onStop} />
      <div class="buttons">
        ${onCancel && html`<button type="button" onClick=${onCancel}>Cancel</button>`}
        <button type="submit" class="primary" disabled=${isBusy}>${isBusy ? 'Asking …' : 'Ask'}</button>
      </div>
    </form>`;
}
