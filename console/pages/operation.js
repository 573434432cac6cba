import { useEffect, useRef, useState } from 'preact/hooks';
import { api, ask } from '../api.js';
import { useAsked, useList } from '../asked.js';
import { whoIn } from '../asked-for.js';
import { createKeys } from '../changing.js';
import { useDuring } from '../during.js';
import { html } from '../html.js';
import { useEvents } from '../live.js';
import { Warnings } from '../parts/effect.js';
import { Busy, Face, Problem } from '../parts/face.js';
import { Icon } from '../parts/icon.js';
import { Progress } from '../parts/progress.js';
import { Title } from '../parts/title.js';
import { go, to } from '../router.js';
import { me } from '../session.js';
import { placeOf, readable, secretName, when } from '../words.js';
import { again } from './new-operation.js';
import { operationName } from './operations.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @typedef {components['schemas']['Operation']} Operation */
/** @typedef {components['schemas']['OperationItem']} Item */

/** How far is it, and what became of each? @param {{ parts: string[] }} props */
export default function OnePage({ parts: [, id = ''] }) {
  const path = { operationId: id };
  const asked = useAsked((signal) => ask(api.GET('/v1/operations/{operationId}', { signal, params: { path } })), [id]);
  const [live, setLive] = useState(/** @type {Operation | null} */ (null));
  const { error, isBusy, during, onStop } = useDuring();
  const keyFor = useRef(createKeys()).current;
  useEffect(() => setLive(null), [asked.data]);
  const operation = live ?? asked.data;
  const items = useList(
    (signal, cursor) =>
      ask(api.GET('/v1/operations/{operationId}/items', { signal, params: { path, query: { limit: 200, cursor } } })),
    [id],
  );
  useEvents(
    operation === undefined || operation.finishedAt !== null ? null : `/v1/operations/${encodeURIComponent(id)}/events`,
    ({ event, data }) => {
      setLive(JSON.parse(data));
      items.again();
      return event === 'done' ? 'last' : undefined;
    },
  );
  const cancel = () =>
    during(async (signal) =>
      setLive(await ask(api.POST('/v1/operations/{operationId}/cancel', { signal, params: { path } }))),
    );
  const apply = () =>
    during(async (signal) =>
      go(to('operations', (await again(id, { status: 'applied', dryRun: false }, keyFor, signal)).id)),
    );
  const repeat = () =>
    during(async (signal) =>
      go(to('operations', (await again(id, { status: 'failed', dryRun: true }, keyFor, signal)).id)),
    );
  const isMine = operation?.requestedBy === me.value?.subject;
  return html`
    <p class="back"><a href=${to('operations')}>Operations</a></p>
    <${Title} also=${operation && isMine && html`<${Buttons} operation=${operation} isBusy=${isBusy} onCancel=${cancel} onApply=${apply} onRepeat=${repeat} />`}>
      ${operation ? operationName(operation) : 'Operation'}
    <//>
    ${error !== undefined && html`<${Problem} error=${error} />`}
    <${Busy} isBusy=${isBusy} onStop=${onStop} />
    <${Face} asked=${{ ...asked, data: operation }}>
      ${(/** @type {Operation} */ one) => html`
        ${one.dryRun && html`<p class="kicker">Nothing has changed: this only says what would happen.</p>`}
        <p role="status"><${Progress} operation=${one} /></p>
        <p>${one.reason && `“${one.reason}” `}<span class="hint">${one.requestedBy}, ${when(one.createdAt)}${one.ticket && `, ${one.ticket}`}</span></p>`}
    <//>
    <${Face} asked=${items}>
      ${(/** @type {{ items: Item[], hasMore: boolean }} */ { items: all, hasMore }) => html`
        <table class="rows">
          <thead><tr><th scope="col">Secret</th><th scope="col">What</th><th scope="col">What became of it</th></tr></thead>
          <tbody>${all.map((item) => html`<${ItemRow} key=${item.position} item=${item} isCheck=${operation?.dryRun} />`)}</tbody>
        </table>
        ${hasMore && html`<button type="button" disabled=${items.isAsking} onClick=${items.showMore}>Show more</button>`}`}
    <//>`;
}

/** Those that are begun from here. @type {ReadonlySet<string>} */
const APPLIED_FROM_HERE = new Set(['share', 'deny', 'revoke']);

/** @param {{ operation: Operation, isBusy: boolean, onCancel: () => void, onApply: () => void, onRepeat: () => void }} props */
function Buttons({ operation: { action, status, dryRun, finishedAt, counts }, isBusy, onCancel, onApply, onRepeat }) {
  const isOver = APPLIED_FROM_HERE.has(action) && finishedAt !== null && status === 'done';
  const isReady = isOver && dryRun && counts.applied > 0;
  return html`
    <div class="actions">
      ${status === 'running' && html`<button type="button" class="danger" disabled=${isBusy} onClick=${onCancel}>Cancel</button>`}
      ${isOver && counts.failed > 0 && html`<button type="button" disabled=${isBusy} onClick=${onRepeat}>Check the ${counts.failed} failed again</button>`}
      ${isReady && html`<button type="button" class="primary" disabled=${isBusy} onClick=${onApply}>Apply ${counts.applied}</button>`}
    </div>`;
}

/** @type {Record<string, [string, string, string]>} icon, words, tone */
const STATUSES = {
  pending: ['clock', 'Waits', 'notNeeded'],
  running: ['clock', 'Runs', 'unknown'],
  applied: ['check', 'Applied', 'done'],
  unchanged: ['minus', 'Was so already', 'notNeeded'],
  awaitingApproval: ['clock', 'Waits for approval', 'unknown'],
  failed: ['cross', 'Failed', 'missing'],
  cancelled: ['minus', 'Cancelled', 'notNeeded'],
};

/** @param {{ item: Item, isCheck: boolean | undefined }} props */
function ItemRow({ item: { secretId, request, status, result }, isCheck }) {
  const [icon, done, tone] = STATUSES[status] ?? ['question', status, 'unknown'];
  const { account, region } = placeOf(secretId);
  const words = isCheck && status === 'applied' ? 'Would be applied' : done;
  return html`
    <tr>
      <th scope="row">${secretId.endsWith(':*') ? html`${account} <span class="hint">${region}</span>` : html`<a href=${to('secrets', secretId)}>${secretName(secretId)}</a>`}</th>
      <td data-label="What"><code>${result?.who ?? whoIn(request)}</code></td>
      <td data-label="What became of it"><span class="chip" data-status=${tone}><${Icon} name=${icon} />${words}</span>
        ${result?.approvalId && html`<a href=${to('inbox', result.approvalId)}>See the request</a>`}
        ${result?.problem && html`<div class="wrong">${readable(result.problem.detail)}</div>`}
        <${Warnings} warnings=${result?.warnings ?? []} /></td>
    </tr>`;
}
