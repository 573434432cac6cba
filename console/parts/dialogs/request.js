import { useRef } from 'preact/hooks';
import { api, ask } from '../../api.js';
import { createKeys } from '../../changing.js';
import { useDuring } from '../../during.js';
import { useForm } from '../../form.js';
import { html } from '../../html.js';
import { to } from '../../router.js';
import { SPANS, spanOf, WHO_HINT, whom } from '../../whom.js';
import { Dialog } from '../dialog.js';
import { Problem } from '../face.js';
import { Choice, Text, Why } from '../fields.js';
import { say } from '../toast.js';
import { why } from './about.js';

/** Whoever may not share asks who may: nothing changes by it. @param {{ secretId: string, name: string, onClose: () => void }} props */
export function RequestDialog({ secretId, name, onClose }) {
  const { error, isBusy, during } = useDuring();
  const form = useForm({ span: '30d' }, error);
  const { values } = form;
  const keyFor = useRef(createKeys()).current;
  const { who = '', span, date = '' } = /** @type {Record<string, string>} */ (values);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    await during(async () => {
      const principal = whom(who).request.principal ?? who;
      const body = { secretId, principal, reason: '', ...why(values), ...spanOf(span ?? '', date) };
      const params = { header: { 'idempotency-key': keyFor(body) } };
      const { group, approvalId } = await ask(api.POST('/v1/access-requests', { params, body }));
      say({ text: `Waits for ${group}.`, href: `${to('inbox', approvalId)}?box=mine`, link: 'See the request' });
      onClose();
    });
  };
  return html`
    <${Dialog} title=${`Ask to read ${name}`} onClose=${onClose}>
      <form onSubmit=${submit}>
        <${Text} form=${form} name="who" label="Who wants to read it?" required hint=${whom(who).words || WHO_HINT} />
        <${Choice} form=${form} name="span" label="Until" choices=${SPANS.filter(([one]) => one !== 'none')} />
        ${span === 'date' && html`<${Text} form=${form} name="date" label="Last day" type="date" required />`}
        <${Why} form=${form} />
        ${error !== undefined && html`<${Problem} error=${error} />`}
        <div class="buttons">
          <button type="button" onClick=${onClose}>Cancel</button>
          <button type="submit" class="primary" disabled=${isBusy}>Ask</button>
        </div>
      </form>
    <//>`;
}
