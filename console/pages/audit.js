import { useState } from 'preact/hooks';
import { api, ask, Refused, refusalOf } from '../api.js';
import { useAsked, useList } from '../asked.js';
import { html } from '../html.js';
import { Empty, Face, Problem } from '../parts/face.js';
import { Filters, More, Select, Typed } from '../parts/filters.js';
import { Icon } from '../parts/icon.js';
import { Entry } from '../parts/timeline.js';
import { Title } from '../parts/title.js';
import { route, setQuery, to } from '../router.js';
import { credentialHeaders } from '../session.js';
import { ACTIONS, OUTCOMES } from '../words.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @typedef {components['schemas']['RecordedChange']} Recorded */

/** @type {[string, string][]} */
const SPANS = [
  ['1d', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
  ['90d', 'Last 90 days'],
];

const FILTERS = ['since', 'from', 'to', 'actor', 'action', 'outcome', 'secret', 'changeId'];
/** They go together with no other time. */
const DAYS = { since: '', from: '', to: '' };

/** Who did what? @param {{ parts: string[] }} props */
export default function Audit({ parts: [, changeId = ''] }) {
  const { query } = route.value;
  const hasDays = query.has('from') || query.has('to');
  // One change is looked for at any time.
  const unsaid = { changeId, since: hasDays || changeId !== '' ? '' : '7d' };
  const filter = Object.fromEntries(
    FILTERS.map((name) => [name, query.get(name) ?? unsaid[/** @type {keyof typeof unsaid} */ (name)] ?? '']),
  );
  const asked = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== '' && value !== 'all'));
  const list = useList(
    async (signal, cursor) =>
      /** @type {{ items: Recorded[], nextCursor: string | null }} */ (
        await ask(
          api.GET('/v1/audit-events', { signal, params: { query: { ...asked, view: 'changes', limit: 100, cursor } } }),
        )
      ),
    [asked],
  );
  return html`
    ${changeId !== '' && html`<p class="back"><a href=${to('audit')}>Audit</a></p>`}
    <${Title} also=${html`<${Exports} query=${asked} />`}>Audit<//>
    <${Chain} />
    <form class="filters" role="search" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}><${Filters} count=${Object.keys(asked).length}>
      <${Select} label="When" value=${asked['since'] ?? ''} choices=${SPANS} onChange=${(/** @type {string} */ since) => setQuery({ ...DAYS, since: since || 'all' })} />
      <${Select} label="What" value=${filter['action']} choices=${Object.entries(ACTIONS)} onChange=${(/** @type {string} */ action) => setQuery({ action })} />
      <${Select} label="Outcome" value=${filter['outcome']} choices=${Object.entries(OUTCOMES).map(([name, [, words]]) => [name, words])} onChange=${(/** @type {string} */ outcome) => setQuery({ outcome })} />
      <${Typed} name="actor" label="Who" value=${filter['actor']} />
      <${Typed} name="secret" label="Secret" value=${filter['secret']} />
      <${More} isOpen=${hasDays || filter['changeId'] !== ''}>
        <${Typed} name="from" type="date" label="From (UTC)" value=${filter['from']} also=${{ since: '' }} />
        <${Typed} name="to" type="date" label="To (UTC)" value=${filter['to']} also=${{ since: '' }} />
        <${Typed} name="changeId" label="Change" value=${filter['changeId']} />
      <//>
    <//></form>
    <${Face} asked=${list}>
      ${(/** @type {{ items: Recorded[], hasMore: boolean }} */ { items, hasMore }) => html`
        ${items.length === 0 && html`<${Empty}>${hasMore || Object.keys(asked).some((name) => !(name in DAYS)) ? 'No such change so far.' : Object.keys(asked).length > 0 ? 'No change in these days.' : 'No change yet.'}<//>`}
        <ol class="timeline">${items.map((change) => html`<${Entry} key=${change.changeId} change=${change} onBack=${false} also=${html`<${About} change=${change} />`} />`)}</ol>
        ${hasMore && html`<button type="button" disabled=${list.isAsking} onClick=${list.showMore}>Show more</button>`}`}
    <//>`;
}

/** What it is about: a secret, or many, of which an operation of the same id tells. @param {{ change: Recorded }} props */
function About({ change: { secret, action, changeId } }) {
  const { arn, name } = secret;
  if (arn !== null) return html`<a href=${to('secrets', arn)}>${name}</a>`;
  if (OF_MANY.has(action)) return html`<a href=${to('operations', changeId)}>See the operation</a>`;
  return name !== '*' && html`<span class="hint">${name}</span>`;
}

/** @type {ReadonlySet<Recorded['action']>} */
const OF_MANY = new Set(['startOperation', 'cancelOperation', 'survey', 'freeze', 'evict', 'lift']);

/** Whether the chain of events is whole: asked about when somebody wants to know, since all of it is read. */
function Chain() {
  const [isWanted, setWanted] = useState(false);
  return isWanted
    ? html`<${Verified} />`
    : html`<p><button type="button" class="small" onClick=${() => setWanted(true)}>Is the chain whole?</button></p>`;
}

function Verified() {
  const asked = useAsked((signal) => ask(api.GET('/v1/audit-events/verification', { signal })), []);
  return html`<${Face} asked=${asked}>${(
    /** @type {components['schemas']['Verification']} */ { intact, events, firstBroken },
  ) =>
    intact
      ? html`<p data-status="done"><span class="chip"><${Icon} name="check" />The chain is whole: ${events.toLocaleString('en')} events</span></p>`
      : html`<p class="notice problem" role="alert"><${Icon} name="warning" /><span>The chain is broken at ${firstBroken?.sequence}: ${firstBroken?.reason}</span></p>`}<//>`;
}

const FORMATS = /** @type {const} */ ([
  ['CSV', 'text/csv', 'csv'],
  ['NDJSON', 'application/x-ndjson', 'ndjson'],
]);

/** All that passes the filters. @param {{ query: Record<string, string> }} props */
function Exports({ query }) {
  const [error, setError] = useState(/** @type {unknown} */ (undefined));
  const [isBusy, setBusy] = useState(false);
  /** @param {string} accept @param {string} ending */
  const save = async (accept, ending) => {
    setBusy(true);
    setError(undefined);
    try {
      const response = await fetch(`/v1/audit-events?${new URLSearchParams({ ...query, view: 'changes' })}`, {
        headers: { accept, ...credentialHeaders() },
        redirect: 'error',
      }).catch(() => {
        throw new Refused(null);
      });
      if (!response.ok) throw refusalOf(response, await response.json().catch(() => null));
      download(await response.blob(), `audit.${ending}`);
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return html`
    <div class="actions">${FORMATS.map(([words, accept, ending]) => html`<button type="button" disabled=${isBusy} onClick=${() => save(accept, ending)}>Export ${words}</button>`)}</div>
    ${error !== undefined && html`<${Problem} error=${error} />`}`;
}

/** Milliseconds after which a browser has surely saved it. */
const SAVED_MS = 60_000;

/** @param {Blob} blob @param {string} name */
function download(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // Not every browser has begun to read it by now.
  setTimeout(() => URL.revokeObjectURL(link.href), SAVED_MS);
}
