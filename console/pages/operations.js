import { api, ask } from '../api.js';
import { useList } from '../asked.js';
import { html } from '../html.js';
import { Empty, Face } from '../parts/face.js';
import { Progress } from '../parts/progress.js';
import { Title } from '../parts/title.js';
import { to } from '../router.js';
import { me } from '../session.js';
import { capital, counted, when } from '../words.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @typedef {components['schemas']['Operation']} Operation */

/** Many changes at once: how far are they? */
export default function Operations() {
  const list = useList(
    (signal, cursor) => ask(api.GET('/v1/operations', { signal, params: { query: { limit: 50, cursor } } })),
    [],
  );
  return html`
    <${Title} also=${me.value?.capabilities.bulk && html`<div class="actions"><a class="button primary" href=${to('operations', 'new')}>Change many</a></div>`}>Operations<//>
    <${Face} asked=${list}>
      ${(/** @type {{ items: Operation[], hasMore: boolean }} */ { items, hasMore }) => html`
        ${
          items.length === 0
            ? html`<${Empty}>None yet.<//>`
            : html`<table class="rows">
              <thead><tr><th scope="col">What</th><th scope="col">How far</th><th scope="col">Why</th><th scope="col">Since</th></tr></thead>
              <tbody>${items.map((operation) => html`<${Row} key=${operation.id} operation=${operation} />`)}</tbody>
            </table>`
        }
        ${hasMore && html`<button type="button" disabled=${list.isAsking} onClick=${list.showMore}>Show more</button>`}`}
    <//>`;
}

/** @type {Record<string, string>} */
export const DEEDS = {
  share: 'Share',
  deny: 'Deny',
  revoke: 'Take back',
  applyManifest: 'Apply a manifest',
  freeze: 'Freeze',
  evict: 'Evict',
  lift: 'Lift',
  survey: 'Survey',
};

/** @param {{ operation: Operation }} props */
const Row = ({ operation }) => html`
  <tr>
    <th scope="row"><a data-row href=${to('operations', operation.id)}>${DEEDS[operation.action] ?? capital(operation.action)} ${counted(operation.counts.total, 'item')}</a>${operation.dryRun && html` <span class="chip">Check only</span>`}</th>
    <td data-label="How far"><${Progress} operation=${operation} /></td>
    <td data-label="Why">${operation.reason ?? ''}</td>
    <td data-label="Since">${when(operation.createdAt)} <span class="hint">${operation.requestedBy}</span></td>
  </tr>`;
