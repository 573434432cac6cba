import { useRef, useState } from 'preact/hooks';
import { api, ask } from '../api.js';
import { createKeys } from '../changing.js';
import { useDuring } from '../during.js';
import { useForm } from '../form.js';
import { html } from '../html.js';
import { aboutWhat, incidentOf } from '../incidents.js';
import { Busy, Problem } from '../parts/face.js';
import { Choice, Text, Why } from '../parts/fields.js';
import { IncidentPlan } from '../parts/incident-plan.js';
import { Title } from '../parts/title.js';
import { go, route, to } from '../router.js';

/** @import { Form } from '../parts/fields.js' */
/** @import { Plan } from '../parts/incident-plan.js' */

/** Deny at once: what it would hit is shown first, and its number is typed before it is done. The address fills in nothing. */
export default function NewIncident() {
  const { error, setError, isBusy, during, onStop } = useDuring();
  const action = route.value.query.get('do') === 'evict' ? 'evict' : 'freeze';
  const form = useForm({ action, scope: 'secrets' }, error);
  const [plan, setPlan] = useState(/** @type {Plan | null} */ (null));
  const keyFor = useRef(createKeys()).current;
  const body = incidentOf(form.values);
  const check = () =>
    during(async (signal) => {
      const params = { query: { dryRun: true } };
      setPlan(/** @type {Plan} */ (await ask(api.POST('/v1/incidents', { signal, params, body }))));
    });
  const begin = () =>
    during(async (signal) => {
      const order = { ...body, token: plan?.token };
      const params = { header: { 'idempotency-key': keyFor(order) } };
      const begun = await ask(api.POST('/v1/incidents', { signal, params, body: order }));
      go(to('incidents', /** @type {{ id: string }} */ (begun).id));
    });
  const back = () => {
    setPlan(null);
    setError(undefined);
  };
  return html`
    <p class="back"><a href=${to('incidents')}>Incidents</a></p>
    <${Title}>Stop reading now<//>
    ${
      plan === null
        ? html`<${Asking} form=${form} error=${error} isBusy=${isBusy} onStop=${onStop} onCheck=${check} />`
        : html`<${IncidentPlan} what=${aboutWhat({ asked: body })} plan=${plan} error=${error} isBusy=${isBusy} onStop=${onStop} onApply=${begin} onBack=${back} onCheck=${check} />`
    }`;
}

/** @type {Record<string, { label: string, hint: string, lines?: number }>} */
const SCOPES = {
  secrets: { label: 'Which secrets?', hint: 'Names or ARNs, one to a line', lines: 4 },
  tag: { label: 'Which tag?', hint: 'The tag’s key' },
  account: { label: 'Which account?', hint: 'An account’s number: all secrets in it' },
};

/** @param {{ form: Form, error: unknown, isBusy: boolean, onStop: () => void, onCheck: () => void }} props */
function Asking({ form, error, isBusy, onStop, onCheck }) {
  const { action, scope } = form.values;
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    onCheck();
  };
  // What was typed for another scope is none for this one.
  const scoped = {
    ...form,
    set: (/** @type {Record<string, unknown>} */ more) => form.set({ ...more, ...('scope' in more && { freeze: '' }) }),
  };
  return html`
    <form class="narrow" onSubmit=${submit}>
      <${Choice} form=${form} name="action" label="What?" choices=${[['freeze', 'Freeze secrets: nobody reads them'], ['evict', 'Evict somebody: they read nothing']]} />
      ${
        action === 'evict'
          ? html`<${Text} form=${form} name="evict" label="Whom?" required hint="Account number, or the ARN of a user or role. Their shares and key grants are taken, too." />`
          : html`
          <${Choice} form=${scoped} name="scope" label="Which?" choices=${[['secrets', 'These secrets'], ['tag', 'All with a tag'], ['account', 'All of an account']]} />
          <${Text} key=${scope} form=${form} name="freeze" required ...${SCOPES[scope]} />
          ${scope === 'tag' && html`<${Text} form=${form} name="tagValue" label="With which value?" hint="Left out: with any" />`}
          <${Text} form=${form} name="except" label="Who may still read?" lines=${2} hint="Break-glass roles, and the roles of rotation functions: ARNs, one to a line" />`
      }
      <${Why} form=${form} />
      ${error !== undefined && html`<${Problem} error=${error} />`}
      <${Busy} isBusy=${isBusy} onStop=${onStop} />
      <div class="buttons"><button type="submit" class="primary" disabled=${isBusy}>${isBusy ? 'Checking …' : 'Check'}</button></div>
    </form>`;
}
