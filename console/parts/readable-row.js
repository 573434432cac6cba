import { useState } from 'preact/hooks';
import { useCan } from '../can.js';
import { html } from '../html.js';
import { to } from '../router.js';
import { readable, shortName, when } from '../words.js';
import { Legs, legName } from './effect.js';
import { Icon } from './icon.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @typedef {components['schemas']['ReadableSecret']} Readable */

/** @type {Record<Readable['decision'], [string, string, string]>} icon, words, tone */
const DECISIONS = {
  allowed: ['check', 'May read', 'done'],
  unknown: ['question', 'It depends', 'unknown'],
  explicitlyDenied: ['cross', 'Denied', 'denied'],
  implicitlyDenied: ['minus', 'Not allowed', 'notNeeded'],
};

/** @type {Record<string, string>} */
const WAYS = { itself: 'itself', account: 'its account', organization: 'its organization', everybody: 'everybody' };

/** @param {Readable} item */
function told({ decision, via, legs, dependsOn, exceptions }) {
  const isDenied = decision === 'explicitlyDenied';
  const legsThatAre = (/** @type {string} */ wanted) =>
    isDenied ? [] : legs.filter(({ status }) => status === wanted).map((leg) => legName(leg, legs));
  const missing = legsThatAre('missing');
  // On what the secret’s policy hangs is said beside.
  const unseen = isDenied ? [] : legs.filter(({ leg, status }) => status === 'unknown' && leg !== 'secretPolicy');
  return {
    reads: decision === 'allowed' && missing.length > 0 ? ['cross', 'Not yet', 'missing'] : DECISIONS[decision],
    through: via.map((way) => WAYS[way]).join(', '),
    missing: missing.length > 0 ? `Missing: ${missing.join(', ')}` : '',
    open: unseen.map((leg) => legName(leg, legs)).join(', '),
    depends: [...new Set(dependsOn.map(({ description }) => readable(description)))],
    butFor: exceptions.map(({ principal }) => shortName(principal)).join(', '),
  };
}

/** What a filter finds it by. @param {Readable} item */
export function textOf(item) {
  const { reads, through, missing, open, depends } = told(item);
  return [item.secret.name, item.account, item.region, reads[1], through, missing, open, ...depends]
    .join(' ')
    .toLowerCase();
}

/** A secret that somebody may read, or is kept from. @param {{ item: Readable, onDeny: (about: object) => void }} props */
export function ReadableRow({ item, onDeny }) {
  const [isOpen, setOpen] = useState(false);
  const { secret, account, region, decision, asOf } = item;
  const { reads, through, missing, open, depends, butFor } = told(item);
  const [icon, words, tone] = reads;
  return html`
    <tr>
      <th scope="row"><a href=${to('secrets', secret.arn)}>${secret.name}</a><div class="hint place">${account} ${region}</div></th>
      <td data-label="Reads" title=${`As of ${when(asOf)}`}>
        <button type="button" class="quiet" data-row aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}><${Icon} name="chevron" /><span class="chip" data-status=${tone}><${Icon} name=${icon} />${words}</span></button>
      </td>
      <td data-label="Through">${through || (decision === 'unknown' && html`<span class="hint">its own policies only</span>`)}</td>
      <td data-label="Lacks">
        ${missing && html`<div>${missing}</div>`}
        ${open && html`<div class="hint">Not known from here: ${open}</div>`}
        ${depends.map((description) => html`<div class="hint">${description}</div>`)}
        ${butFor && html`<div class="hint">But for ${butFor}</div>`}
      </td>
    </tr>
    ${isOpen && html`<tr class="detail"><td colspan="4"><${Detail} item=${item} onDeny=${onDeny} /></td></tr>`}`;
}

/** @param {{ item: Readable, onDeny: (about: object) => void }} props */
function Detail({ item: { secret, decision, legs, asOf }, onDeny }) {
  const can = useCan(secret.arn);
  const may = decision === 'explicitlyDenied' ? undefined : can('deny');
  const deny = () => onDeny({ secret, approval: may?.approval, mayRollBack: can('rollback') !== undefined });
  return html`
    <div class="why">
      ${legs.length > 0 && html`<h3>What reading takes</h3><${Legs} legs=${legs} />`}
      <p class="hint">As of ${when(asOf)}.</p>
      <div class="row-buttons">
        <a class="button" href=${to('secrets', secret.arn)}>See the secret</a>
        ${may && html`<button type="button" class="danger" onClick=${deny}>Deny</button>`}
      </div>
    </div>`;
}
