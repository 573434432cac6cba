import { useRef } from 'preact/hooks';
import { api, ask } from '../../api.js';
import { useAsked } from '../../asked.js';
import { createKeys } from '../../changing.js';
import { useDuring } from '../../during.js';
import { useForm } from '../../form.js';
import { html } from '../../html.js';
import { liftOf } from '../../incidents.js';
import { counted } from '../../words.js';
import { Dialog } from '../dialog.js';
import { Busy, Face, Problem } from '../face.js';
import { Why } from '../fields.js';
import { say } from '../toast.js';
import { why } from './about.js';

/** @import { components } from '../../../client/schema.d.ts' */

/** @type {Record<components['schemas']['Incident']['action'], string>} */
const UNDONE = {
  freeze: 'the denial is taken out, and the rest of the policy counts again.',
  evict: 'the denial is taken out, and the shares that were taken are given back, but for those that have ended since.',
};

/** Undoes an incident. @param {{ incident: components['schemas']['Incident'], onClose: () => void, onDone: () => void }} props */
export function LiftDialog({ incident, onClose, onDone }) {
  const path = { incidentId: incident.id };
  const plan = useAsked(
    async (signal) =>
      /** @type {components['schemas']['LiftPlan']} */ (
        await ask(
          api.POST('/v1/incidents/{incidentId}/lift', { signal, params: { path, query: { dryRun: true } }, body: {} }),
        )
      ),
    [incident.id],
  );
  const { error, isBusy, during, onStop } = useDuring();
  const form = useForm({}, error);
  const keyFor = useRef(createKeys()).current;
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    await during(async (signal) => {
      const body = why(form.values);
      const params = { path, header: { 'idempotency-key': keyFor(body) } };
      await ask(api.POST('/v1/incidents/{incidentId}/lift', { signal, params, body }));
      say({ text: 'It is being lifted.' });
      onDone();
      onClose();
    });
  };
  return html`
    <${Dialog} title=${liftOf(incident)} isBusy=${isBusy} onClose=${onClose}>
      <form onSubmit=${submit}>
        <${Face} asked=${plan}>${(/** @type {{ secrets: number }} */ { secrets }) => html`<p>${counted(secrets, 'secret')}: ${UNDONE[incident.action]}</p>`}<//>
        <${Why} form=${form} />
        ${error !== undefined && html`<${Problem} error=${error} />`}
        <${Busy} isBusy=${isBusy} onStop=${onStop} />
        <div class="buttons">
          <button type="button" disabled=${isBusy} onClick=${onClose}>Cancel</button>
          <button type="submit" class="primary" disabled=${isBusy || plan.waiting}>${isBusy ? 'Asking …' : 'Lift'}</button>
        </div>
      </form>
    <//>`;
}
