import { api, ask } from '../api.js';
import { useList } from '../asked.js';
import { askedFor, REQUEST_STATUSES } from '../asked-for.js';
import { html } from '../html.js';
import { Legs } from '../parts/effect.js';
import { Empty, Face } from '../parts/face.js';
import { Icon } from '../parts/icon.js';
import { RequestForm } from '../parts/request-form.js';
import { Title } from '../parts/title.js';
import { to } from '../router.js';
import { when } from '../words.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @typedef {components['schemas']['AccessRequest']} Mine */

/** May I read? */
export default function Request() {
  const list = useList(
    (signal, cursor) => ask(api.GET('/v1/access-requests', { signal, params: { query: { limit: 20, cursor } } })),
    [],
  );
  return html`
    <${Title}>Ask to read a secret<//>
    <p class="lead">Those who look after it decide. Nothing changes until they do.</p>
    <div class="narrow"><${RequestForm} onDone=${list.again} /></div>
    <h2>What you asked for</h2>
    <${Face} asked=${list}>
      ${(/** @type {{ items: Mine[], hasMore: boolean }} */ { items, hasMore }) => html`
        ${items.length === 0 ? html`<${Empty}>You asked for nothing.<//>` : html`<ul class="inbox">${items.map((item) => html`<${One} key=${item.approvalId} item=${item} />`)}</ul>`}
        ${hasMore && html`<button type="button" disabled=${list.isAsking} onClick=${list.showMore}>Show more</button>`}`}
    <//>`;
}

/** @param {{ item: Mine }} props */
function One({ item }) {
  const { approvalId, status, group, requestedAt, reason, decisionReason, decidedBy, expiresAt, legs } = item;
  const [icon, words, tone] = REQUEST_STATUSES[status];
  return html`
    <li class="request">
      <a data-row href=${`${to('inbox', approvalId)}?box=mine`}>
        <strong>${askedFor(item)}</strong>
        ${reason && html`<span>“${reason}”</span>`}
        <span class="hint"><span class="chip" data-status=${tone}><${Icon} name=${icon} />${words}</span>${when(requestedAt)}${status === 'pending' && `, for ${group} to decide until ${when(expiresAt)}`}</span>
        ${decidedBy && html`<span>${decidedBy.subject}${decisionReason ? `: “${decisionReason}”` : ' gave no reason.'}</span>`}
      </a>
      ${OPEN.has(status) && legs.length > 0 && html`<details><summary>What your own side needs</summary><${Legs} legs=${legs} /></details>`}
    </li>`;
}

/** Those of which something may come. @type {ReadonlySet<Mine['status']>} */
const OPEN = new Set(['pending', 'approved', 'applied']);
