import { Refused } from '../api.js';
import { nextStep } from '../changing.js';
import { html } from '../html.js';
import { readable } from '../words.js';
import { AgainSoon } from './again-soon.js';
import { Diff, Effect, Legs, Warnings } from './effect.js';
import { Busy, Problem } from './face.js';
import { Json } from './json.js';

/** @import { Change } from '../changing.js' */

/**
 * What a change would do, and the way on from there.
 * @param {{
 *   change: Change,
 *   values: Record<string, any>,
 *   approval?: string | null,
 *   error: unknown,
 *   isBusy: boolean,
 *   onStop: () => void,
 *   onApply: () => void,
 *   onBack: () => void,
 *   onCheck: (insist?: Record<string, boolean>) => void,
 * }} props
 */
export function Checked({ change, values, approval, error, isBusy, onStop, onApply, onBack, onCheck }) {
  const next = error instanceof Refused ? nextStep(error) : null;
  const keyIsMissing =
    change.share !== undefined && change.legs.some(({ leg, status }) => leg === 'keyPolicy' && status === 'missing');
  const entry = change.share ?? change.denial ?? change.restriction;
  const statements = /** @type {{ Sid?: string }[]} */ ([change.policy?.['Statement'] ?? []].flat());
  const ours = entry ? statements.filter(({ Sid }) => Sid?.replace(/P[2-9]$/, '') === entry.sid) : [];
  return html`
    <div class="checked">
      <p class="kicker">Nothing has changed yet</p>
      <h3>${readable(change.summary)}</h3>
      ${!change.changed && html`<p>It is so already.</p>`}
      <${Effect} effect=${change.effect} />
      ${
        change.legs.length > 0 &&
        html`
        <h4>What reading takes</h4>
        <${Legs} legs=${change.legs}>
          ${
            keyIsMissing &&
            !values.grantKey &&
            html`
            <li class="offer"><button type="button" disabled=${isBusy} onClick=${() => onCheck({ grantKey: true })}>Open the key too</button></li>`
          }
        <//>`
      }
      <${Warnings} warnings=${change.warnings} />
      ${ours.length > 0 && html`<details><summary>Statement</summary>${ours.map((statement) => html`<${Json} value=${statement} label=${statement.Sid} />`)}</details>`}
      <${Diff} diff=${change.diff} />
      ${error !== undefined && html`<${Failed} error=${error} next=${next} onAgain=${onApply} />`}
      <${Busy} isBusy=${isBusy} onStop=${onStop} />
      <div class="buttons">
        <button type="button" disabled=${isBusy} onClick=${onBack}>Back</button>
        ${
          next
            ? html`<button type="button" class="primary" disabled=${isBusy} onClick=${next.how === 'check' ? () => onCheck() : onApply}>${next.again}</button>`
            : html`<button type="button" class="primary" disabled=${isBusy} onClick=${onApply}>${isBusy ? 'Applying …' : approval ? `Ask ${approval}` : 'Apply'}</button>`
        }
      </div>
    </div>`;
}

/** @param {{ error: unknown, next: ReturnType<typeof nextStep>, onAgain: () => void }} props */
function Failed({ error, next, onAgain }) {
  if (next === null) return html`<${Problem} error=${error} />`;
  if (next.soon !== undefined)
    return html`<${AgainSoon} words=${next.words} seconds=${next.soon} onAgain=${onAgain} />`;
  return html`<p class="notice" role="alert">${readable(next.words)}</p>`;
}
