import { useEffect } from 'preact/hooks';
import { api, ask } from '../api.js';
import { useAsked } from '../asked.js';
import { askedFor, REQUEST_STATUSES } from '../asked-for.js';
import { html } from '../html.js';
import { useEvents, useRefresh } from '../live.js';
import { Approval } from '../parts/approval.js';
import { Empty, Face } from '../parts/face.js';
import { Icon } from '../parts/icon.js';
import { Title } from '../parts/title.js';
import { route, to } from '../router.js';
import { waiting } from '../waiting.js';
import { when } from '../words.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @typedef {components['schemas']['PendingChange']} Pending */

/** @type {Record<string, [string, string]>} */
const BOXES = {
  waiting: ['Waiting for me', 'Nothing waits for you.'],
  mine: ['Asked by me', 'You asked for nothing.'],
  decided: ['Decided', 'Nothing was decided yet.'],
};

/** @type {Record<string, object>} */
const QUERIES = { waiting: { waitingFor: 'me' }, mine: { requestedBy: 'me' }, decided: {} };

/** Each that waits is held against the policy of now, of which no event tells: AWS is asked. */
const REFRESH_MS = 30_000;

const PAGE = 50;
/** A page may hold less than was asked for, since it is filtered: so many are asked for, at most. */
const MOST_PAGES = 6;

/** @typedef {{ items: Pending[], hasMore: boolean }} Found */

/** @param {string} box */
const useBox = (box) =>
  useAsked(
    async (signal) => {
      const items = /** @type {Pending[]} */ ([]);
      let cursor = /** @type {string | undefined} */ (undefined);
      for (let pages = 0; pages < MOST_PAGES && items.length < PAGE && (pages === 0 || cursor); pages += 1) {
        const page = await ask(
          api.GET('/v1/approvals', { signal, params: { query: { ...QUERIES[box], limit: PAGE, cursor } } }),
        );
        items.push(...page.items.filter(({ status }) => box !== 'decided' || status !== 'pending'));
        cursor = page.nextCursor ?? undefined;
      }
      return /** @type {Found} */ ({ items, hasMore: cursor !== undefined });
    },
    [box],
  );

/** What waits for a second person: yes or no? @param {{ parts: string[] }} props */
export default function Inbox({ parts: [, id] }) {
  const named = route.value.query.get('box') ?? '';
  const box = Object.hasOwn(BOXES, named) ? named : 'waiting';
  const list = useBox(box);
  const one = useAsked(
    async (signal) =>
      id === undefined
        ? null
        : ask(api.GET('/v1/approvals/{approvalId}', { signal, params: { path: { approvalId: id } } })),
    [id],
  );
  const again = () => {
    list.again();
    one.again();
  };
  useRefresh(again, REFRESH_MS);
  useEvents('/v1/approvals/events', ({ event }) => {
    // What came until it listened is not told.
    if (event === 'open' || event === 'changed') again();
  });
  useEffect(() => {
    if (box !== 'waiting' || !list.data) return;
    const { items, hasMore } = list.data;
    waiting.value = { count: items.length, isPart: hasMore };
  }, [list.data]);
  return html`
    <${Title}>Inbox<//>
    <div class="two-sides" data-chosen=${id !== undefined}>
      <div class="side">
        <nav class="tabs" aria-label="Boxes">
          ${Object.entries(BOXES).map(([name, [words]]) => html`<a href=${`${to('inbox')}?box=${name}`} aria-current=${box === name ? 'page' : undefined}>${words}</a>`)}
        </nav>
        <${Face} asked=${list}>
          ${(/** @type {Found} */ { items, hasMore }) => (items.length === 0 ? html`<${Empty}>${hasMore ? 'None among the newest.' : BOXES[box]?.[1]}<//>` : html`<ul class="inbox">${items.map((item) => html`<${Line} key=${item.approvalId} item=${item} box=${box} isChosen=${item.approvalId === id} />`)}</ul>`)}
        <//>
      </div>
      ${
        id !== undefined &&
        html`
        <section class="side" aria-label="The request">
          <p class="back"><a href=${`${to('inbox')}?box=${box}`}>Inbox</a></p>
          <${Face} asked=${one}>${(/** @type {Pending | null} */ item) => item && html`<${Approval} key=${item.approvalId} item=${item} onDone=${again} />`}<//>
        </section>`
      }
    </div>`;
}

/** @param {{ item: Pending, box: string, isChosen: boolean }} props */
function Line({ item, box, isChosen }) {
  const { approvalId, requestedBy, requestedAt, status, reason } = item;
  const [icon, words, tone] = REQUEST_STATUSES[status];
  return html`
    <li>
      <a data-row href=${`${to('inbox', approvalId)}?box=${box}`} aria-current=${isChosen ? 'true' : undefined}>
        <strong>${askedFor(item)}</strong>
        ${reason && html`<span>“${reason}”</span>`}
        <span class="hint"><span class="chip" data-status=${tone}><${Icon} name=${icon} />${words}</span>${requestedBy.subject}, ${when(requestedAt)}</span>
      </a>
    </li>`;
}
