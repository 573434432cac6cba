import { useState } from 'preact/hooks';
import { Refused } from '../api.js';
import { nextStep } from '../changing.js';
import { html } from '../html.js';
import { counted, readable, secretName, shortName } from '../words.js';
import { Busy, Problem } from './face.js';
import { Text } from './fields.js';
import { Names } from './names.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @typedef {components['schemas']['IncidentPlan']} Plan */

/** @type {Record<Plan['action'], [string, string]>} what becomes of the secrets, and the button that does it */
const DEEDS = { freeze: ['would be frozen', 'Freeze'], evict: ['would be closed to them', 'Evict'] };

/**
 * What an incident would do, and the way on: its number is typed, which nobody does by mistake.
 * @param {{ what: string, plan: Plan, error: unknown, isBusy: boolean, onStop: () => void, onApply: () => void, onBack: () => void, onCheck: () => void }} props
 */
export function IncidentPlan({ what, plan, error, isBusy, onStop, onApply, onBack, onCheck }) {
  const { action, secrets, shares, hit, rotate, rotateTotal, refused, refusedTotal, gaps } = plan;
  const [words, button] = DEEDS[action];
  const [typed, setTyped] = useState('');
  const form = {
    ...{ values: { typed }, errors: {} },
    set: (/** @type {Record<string, unknown>} */ more) => setTyped(String(more['typed']).trim()),
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    onApply();
  };
  return html`
    <form class="narrow checked" onSubmit=${submit}>
      <p class="kicker">${what}. Nothing has changed yet</p>
      <h2>${counted(secrets, 'secret')} ${words}${shares > 0 && `, and ${counted(shares, 'share')} taken`}</h2>
      ${
        hit.length > 0 &&
        html`<h3>Who reads now, or may</h3><ul class="plain">${hit.map(
          ({ principal, secrets: of }) =>
            html`<li><strong>${shortName(principal)}</strong> <code>${principal}</code> <span class="hint">${counted(of, 'secret')}</span></li>`,
        )}</ul>`
      }
      <${Names} title="To rotate: they may have been read" names=${rotate} total=${rotateTotal} />
      ${refusedTotal > 0 && html`<p class="notice"><span>${counted(refusedTotal, 'secret')} the guardrails keep you from${refused.length > 0 && `: ${refused.map(({ secretId, detail }) => `${secretName(secretId)} (${detail})`).join('; ')}`}.</span></p>`}
      ${gaps.map((gap) => html`<p class="notice"><span>${readable(gap)}</span></p>`)}
      ${secrets > 0 && html`<${Text} form=${form} name="typed" label=${`Type ${secrets} to ${action}`} required inputmode="numeric" />`}
      ${error !== undefined && html`<${Failed} error=${error} onCheck=${onCheck} />`}
      <${Busy} isBusy=${isBusy} onStop=${onStop} />
      <div class="buttons">
        <button type="button" disabled=${isBusy} onClick=${onBack}>Back</button>
        <button type="submit" class="danger" disabled=${isBusy || secrets === 0 || typed !== String(secrets)}>${isBusy ? 'Doing it …' : button}</button>
      </div>
    </form>`;
}

/** @param {{ error: unknown, onCheck: () => void }} props */
function Failed({ error, onCheck }) {
  if (error instanceof Refused && error.is('incident-not-confirmed')) {
    return html`<p class="notice" role="alert"><span>It would hit others by now. Nothing was done.</span> <button type="button" onClick=${onCheck}>Check again</button></p>`;
  }
  const next = error instanceof Refused ? nextStep(error) : null;
  return next
    ? html`<p class="notice" role="alert">${readable(next.words)} The button below asks again.</p>`
    : html`<${Problem} error=${error} />`;
}
