import { useMemo, useRef } from 'preact/hooks';
import { api, ask } from '../../api.js';
import { createKeys } from '../../changing.js';
import { useDuring } from '../../during.js';
import { useForm } from '../../form.js';
import { html } from '../../html.js';
import { endOf, SPANS } from '../../whom.js';
import { dayOf, FINDINGS, readable } from '../../words.js';
import { Dialog } from '../dialog.js';
import { Busy, Problem } from '../face.js';
import { Choice, Text, Why } from '../fields.js';
import { say } from '../toast.js';
import { why } from './about.js';

/** @import { components } from '../../../client/schema.d.ts' */

/** @param {{ finding: components['schemas']['Finding'], onClose: () => void, onDone: () => void }} props */
export function AcknowledgeDialog({ finding, onClose, onDone }) {
  const { error, isBusy, during, onStop } = useDuring();
  const form = useForm({ span: '30d' }, error);
  const { values } = form;
  const keyFor = useRef(createKeys()).current;
  // The same while nobody changes it: asked again, it is the same request.
  const end = useMemo(() => endOf(values['span'], values['date'] ?? ''), [values['span'], values['date']]);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    await during(async (signal) => {
      const body = { etag: finding.etag, reason: '', ...why(values), until: end?.toISOString() ?? '' };
      const params = { path: { findingId: finding.id }, header: { 'idempotency-key': keyFor(body) } };
      await ask(api.POST('/v1/findings/{findingId}/acknowledge', { signal, params, body }));
      say({ text: 'Acknowledged.' });
      onDone();
      onClose();
    });
  };
  return html`
    <${Dialog} title=${`It may stay so: ${FINDINGS[finding.kind]}`} isBusy=${isBusy} onClose=${onClose}>
      <form onSubmit=${submit}>
        <p>${finding.secret.name}: ${readable(finding.detail)}</p>
        <${Choice} form=${form} name="span" label="Until" choices=${SPANS.filter(([span]) => span !== 'none')} />
        ${values['span'] === 'date' && html`<${Text} form=${form} name="date" label="Last day (UTC)" type="date" required />`}
        ${end && html`<p class="hint">It is open again after ${dayOf(end)}.</p>`}
        <${Why} form=${form} />
        ${error !== undefined && html`<${Problem} error=${error} />`}
        <${Busy} isBusy=${isBusy} onStop=${onStop} />
        <div class="buttons"><button type="button" disabled=${isBusy} onClick=${onClose}>Cancel</button><button type="submit" class="primary" disabled=${isBusy}>Acknowledge</button></div>
      </form>
    <//>`;
}
