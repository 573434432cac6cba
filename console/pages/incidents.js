import { api, ask } from '../api.js';
import { useList } from '../asked.js';
import { useCan } from '../can.js';
import { html } from '../html.js';
import { aboutWhat, INCIDENT_STATUSES } from '../incidents.js';
import { Empty, Face } from '../parts/face.js';
import { Icon } from '../parts/icon.js';
import { Progress } from '../parts/progress.js';
import { Title } from '../parts/title.js';
import { to } from '../router.js';
import { when } from '../words.js';

/** @import { Incident } from '../incidents.js' */

/** What is denied at once: stop reading now. */
export default function Incidents() {
  const list = useList(
    (signal, cursor) => ask(api.GET('/v1/incidents', { signal, params: { query: { limit: 50, cursor } } })),
    [],
  );
  return html`
    <${Title} also=${html`<${Begin} />`}>Incidents<//>
    <${Face} asked=${list}>
      ${(/** @type {{ items: Incident[], hasMore: boolean }} */ { items, hasMore }) => html`
        ${
          items.length === 0
            ? html`<${Empty}>Nobody is frozen out.<//>`
            : html`<table class="rows">
              <thead><tr><th scope="col">What</th><th scope="col">State</th><th scope="col">How far</th><th scope="col">Why</th><th scope="col">Begun</th></tr></thead>
              <tbody>${items.map((incident) => html`<${Row} key=${incident.id} incident=${incident} />`)}</tbody>
            </table>`
        }
        ${hasMore && html`<button type="button" disabled=${list.isAsking} onClick=${list.showMore}>Show more</button>`}`}
    <//>`;
}

/** What the caller may begin. */
export function Begin() {
  const can = useCan();
  return html`
    <div class="actions">
      ${can('freeze') && html`<a class="button danger" href=${`${to('incidents', 'new')}?do=freeze`}>Freeze</a>`}
      ${can('evict') && html`<a class="button danger" href=${`${to('incidents', 'new')}?do=evict`}>Evict</a>`}
    </div>`;
}

/** @param {{ status: Incident['status'] }} props */
export function State({ status }) {
  const [icon, words, tone] = INCIDENT_STATUSES[status];
  return html`<span class="chip" data-status=${tone}><${Icon} name=${icon} />${words}</span>`;
}

/** @param {{ incident: Incident }} props */
function Row({ incident }) {
  const { id, status, operation, lift } = incident;
  return html`
    <tr>
      <th scope="row"><a data-row href=${to('incidents', id)}>${aboutWhat(incident)}</a></th>
      <td data-label="State"><${State} status=${status} /></td>
      <td data-label="How far"><${Progress} operation=${lift ?? operation} /></td>
      <td data-label="Why">${operation.reason ?? ''}</td>
      <td data-label="Begun">${when(operation.createdAt)} <span class="hint">${operation.requestedBy}</span></td>
    </tr>`;
}
