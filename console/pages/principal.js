import { useState } from 'preact/hooks';
import { api, ask } from '../api.js';
import { useList } from '../asked.js';
import { html } from '../html.js';
import { legName } from '../parts/effect.js';
import { Empty, Face } from '../parts/face.js';
import { Text } from '../parts/fields.js';
import { Icon } from '../parts/icon.js';
import { Title } from '../parts/title.js';
import { go, to } from '../router.js';
import { whom } from '../whom.js';
import { counted, readable, shortName, when } from '../words.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @typedef {components['schemas']['ReadableSecret']} Readable */

/** What may it read? @param {{ parts: string[] }} props */
export default function Principal({ parts: [, principal] }) {
  return html`
    <${Title}>${principal === undefined ? 'Principals' : shortName(principal)}<//>
    ${principal !== undefined && shortName(principal) !== principal && html`<p><code>${principal}</code></p>`}
    <${LookUp} key=${principal} principal=${principal ?? ''} />
    ${principal === undefined ? html`<${Empty}>Say who: then all that it may read is here, over all accounts and Regions.<//>` : html`<${Reads} principal=${principal} />`}`;
}

/** @param {{ principal: string }} props */
function LookUp({ principal }) {
  const [values, setValues] = useState(/** @type {Record<string, any>} */ ({ who: principal }));
  const form = { values, errors: {}, set: (/** @type {object} */ more) => setValues({ ...values, ...more }) };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    go(to('principals', values['who'].trim()));
  };
  return html`
    <form class="filters" role="search" onSubmit=${submit}>
      <div class="grow"><${Text} form=${form} name="who" label="Who?" required hint=${whom(values['who']).words || 'Account number, or the ARN of a user or role'} /></div>
      <div class="field go"><button type="submit" class="primary">Look up</button></div>
    </form>`;
}

/** @type {Record<Readable['decision'], [string, string, string]>} icon, words, tone */
const DECISIONS = {
  allowed: ['check', 'May read', 'done'],
  unknown: ['question', 'It depends', 'unknown'],
  explicitlyDenied: ['cross', 'Denied', 'denied'],
  implicitlyDenied: ['minus', 'Not allowed', 'notNeeded'],
};

/** @type {Record<string, string>} */
const WAYS = { itself: 'itself', account: 'its account', organization: 'its organization', everybody: 'everybody' };

/** @param {{ principal: string }} props */
function Reads({ principal }) {
  const list = useList(
    (signal, cursor) =>
      ask(
        api.GET('/v1/principals/{principal}/secrets', {
          signal,
          params: { path: { principal }, query: { limit: 100, cursor } },
        }),
      ),
    [principal],
  );
  return html`
    <${Face} asked=${list}>
      ${(/** @type {{ items: Readable[], hasMore: boolean }} */ { items, hasMore }) => html`
        <p class="hint" role="status">${counted(items.length, 'secret')}${hasMore ? ', and more' : ''}.</p>
        ${
          items.length === 0
            ? html`<${Empty}>Reads nothing that we can see.<//>`
            : html`<table class="rows">
              <thead><tr><th scope="col">Secret</th><th scope="col">Reads</th><th scope="col">Through</th><th scope="col">Missing, or open</th></tr></thead>
              <tbody>${items.map((item) => html`<${Row} key=${item.secret.arn} item=${item} />`)}</tbody>
            </table>`
        }
        ${hasMore && html`<button type="button" disabled=${list.isAsking} onClick=${list.showMore}>Show more</button>`}`}
    <//>`;
}

/** @param {{ item: Readable }} props */
function Row({ item: { secret, account, region, decision, via, legs, dependsOn, exceptions, asOf } }) {
  const lacks = legs.some(({ status }) => status === 'missing');
  const [icon, words, tone] = decision === 'allowed' && lacks ? ['cross', 'Not yet', 'missing'] : DECISIONS[decision];
  const legsThatAre = (/** @type {string} */ wanted) =>
    decision === 'explicitlyDenied'
      ? []
      : legs.filter(({ status }) => status === wanted).map((leg) => legName(leg, legs));
  const missing = legsThatAre('missing');
  const open = legsThatAre('unknown');
  return html`
    <tr>
      <th scope="row"><a data-row href=${to('secrets', secret.arn)}>${secret.name}</a><div class="hint place">${account} ${region}</div></th>
      <td data-label="Reads" title=${`As of ${when(asOf)}`}><span class="chip" data-status=${tone}><${Icon} name=${icon} />${words}</span></td>
      <td data-label="Through">${via.map((way) => WAYS[way]).join(', ') || (decision === 'unknown' && html`<span class="hint">its own policies only</span>`)}</td>
      <td data-label="Missing, or open">
        ${missing.length > 0 && html`<div>Missing: ${missing.join(', ')}</div>`}
        ${open.length > 0 && html`<div class="hint">Not known from here: ${open.join(', ')}</div>`}
        ${[...new Set(dependsOn.map(({ description }) => readable(description)))].map((description) => html`<div class="hint">${description}</div>`)}
        ${exceptions.length > 0 && html`<div class="hint">But for ${exceptions.map(({ principal }) => shortName(principal)).join(', ')}</div>`}
      </td>
    </tr>`;
}
