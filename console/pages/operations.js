import { api, ask } from '../api.js';
import { useList } from '../asked.js';
import { html } from '../html.js';
import { Empty, Face } from '../parts/face.js';
import { Progress } from '../parts/progress.js';
import { Title } from '../parts/title.js';
import { to } from '../router.js';
import { me } from '../session.js';
import { counted, when } from '../words.js';

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
              <thead><tr><th scope="col">What</th><th scope="col">How far</th><th scope="col">Why</th><th scope="col">Begun</th></tr></thead>
              <tbody>${items.map((operation) => html`<${Row} key=${operation.id} operation=${operation} />`)}</tbody>
            </table>`
        }
        ${hasMore && html`<button type="button" disabled=${list.isAsking} onClick=${list.showMore}>Show more</button>`}`}
    <//>`;
}

/** What each does, and to what. @type {Record<Operation['action'], [deed: string, one: string]>} */
const DEEDS = {
  share: ['Make', 'share'],
  deny: ['Make', 'denial'],
  revoke: ['Revoke', 'entry'],
  applyManifest: ['Apply a manifest to', 'secret'],
  freeze: ['Freeze', 'secret'],
  evict: ['Evict from', 'secret'],
  lift: ['Lift from', 'secret'],
  survey: ['Survey', 'place'],
};

/** @param {Operation} operation */
export function operationName({ action, counts }) {
  const [deed, one] = DEEDS[action];
  return `${deed} ${counted(counts.total, one, one === 'entry' ? 'entries' : undefined)}`;
}

/** @param {{ operation: Operation }} props */
const Row = ({ operation }) => html`
  <tr>
    <th scope="row"><a data-row href=${to('operations', operation.id)}>${operationName(operation)}</a>${operation.dryRun && html` <span class="chip">Check only</span>`}</th>
    <td data-label="How far"><${Progress} operation=${operation} /></td>
    <td data-label="Why">${operation.reason ?? ''}</td>
    <td data-label="Begun">${when(operation.createdAt)} <span class="hint">${operation.requestedBy}</span></td>
  </tr>`;
