import { useEffect, useState } from 'preact/hooks';
import { api, ask } from '../api.js';
import { useAsked, useList } from '../asked.js';
import { html } from '../html.js';
import { Empty, Face } from '../parts/face.js';
import { More, Select, Typed } from '../parts/filters.js';
import { Icon } from '../parts/icon.js';
import { Title } from '../parts/title.js';
import { route, setQuery, to } from '../router.js';
import { me } from '../session.js';
import { counted, dayOf, EXPOSURES, FINDINGS, placeOf, when } from '../words.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @typedef {Partial<components['schemas']['EstateSecret']> & { arn: string, name: string, description?: string | null }} Row */

const SELDOM = ['region', 'tagKey', 'tagValue', 'principal'];
const FILTERS = ['account', 'exposure', 'finding', 'endsWithin', ...SELDOM];
/** @type {[string, string][]} */
const ENDS = [
  ['1d', 'A day'],
  ['14d', '14 days'],
  ['30d', '30 days'],
];
const PAGE = 100;

/** Which secrets are there, and how open is each? */
export default function Secrets() {
  const { query } = route.value;
  const text = query.get('text') ?? '';
  const filter = Object.fromEntries(FILTERS.flatMap((name) => (query.has(name) ? [[name, query.get(name)]] : [])));
  const source = useSource();
  const isSurveyed = source.data?.from === 'estate';
  const total = query.size === 0 ? source.data?.total : undefined;
  const list = useList(
    (signal, cursor) =>
      source.data === undefined
        ? never
        : isSurveyed
          ? fromEstate(signal, { text, ...filter, cursor })
          : fromList(signal, { name: text, cursor }),
    [source.data?.from, text, filter],
  );
  return html`
    <${Title} also=${me.value?.capabilities.bulk && html`<div class="actions"><a class="button" href=${to('operations', 'new')}>Change many</a></div>`}>Secrets<//>
    <${Search} isSurveyed=${isSurveyed} text=${text} filter=${filter} />
    <${Face} asked=${source.data === undefined ? source : list}>
      ${(/** @type {{ items: Row[], hasMore: boolean }} */ { items, hasMore }) => html`
        <p class="hint" role="status">${hasMore && total !== undefined ? `The first ${items.length} of ${counted(total, 'secret')}` : `${counted(items.length, 'secret')}${hasMore ? ', and more' : ''}`}.</p>
        ${
          items.length === 0
            ? html`<${Empty}>No secret matches. ${query.size > 0 && html`<a href=${to('secrets')}>Clear filters</a>`}<//>`
            : html`<${SecretTable} items=${items} isSurveyed=${isSurveyed} />`
        }
        ${hasMore && html`<button type="button" disabled=${list.isAsking} onClick=${list.showMore}>Show more</button>`}`}
    <//>`;
}

/** Surveys know all accounts and Regions; where there was none yet, AWS is asked about the service’s own. */
const useSource = () => {
  const canSeeEstate = me.value?.capabilities.estate;
  return useAsked(
    async (signal) => {
      if (!canSeeEstate) return { from: 'list' };
      const { places, secrets } = await ask(api.GET('/v1/estate', { signal }));
      return places.surveyed > 0 ? { from: 'estate', total: secrets } : { from: 'list' };
    },
    [canSeeEstate],
  );
};

/** Until it is known whom to ask. @type {Promise<never>} */
const never = new Promise(() => {});

/** @typedef {{ items: Row[], nextCursor: string | null }} Found */

/** @param {AbortSignal} signal @param {any} query @returns {Promise<Found>} */
const fromEstate = (signal, { text, ...query }) =>
  ask(api.GET('/v1/estate/secrets', { signal, params: { query: { ...query, ...(text && { text }), limit: PAGE } } }));

/** @param {AbortSignal} signal @param {any} query @returns {Promise<Found>} */
const fromList = (signal, { name, cursor }) =>
  ask(api.GET('/v1/secrets', { signal, params: { query: { ...(name && { name }), cursor, limit: PAGE } } }));

const SETTLES_MS = 250;

/** @param {{ isSurveyed: boolean, text: string, filter: Record<string, string> }} props */
function Search({ isSurveyed, text, filter }) {
  const [typed, setTyped] = useState(text);
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => setQuery({ text: typed }), SETTLES_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const choices = (/** @type {Record<string, [string, string]>} */ table) =>
    Object.entries(table).map(([value, [, words]]) => /** @type {[string, string]} */ ([value, words]));
  return html`
    <form class="filters" role="search" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <div class="field grow">
        <label for="text">${isSurveyed ? 'Search names and descriptions' : 'The name starts with'}</label>
        <input id="text" type="search" value=${typed} onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => setTyped(event.currentTarget.value)} />
      </div>
      ${
        isSurveyed &&
        html`
        <${Select} label="Readable by" value=${filter['exposure'] ?? ''} choices=${choices(EXPOSURES)} onChange=${(/** @type {string} */ exposure) => setQuery({ exposure })} />
        <${Select} label="Finding" value=${filter['finding'] ?? ''} choices=${Object.entries(FINDINGS)} onChange=${(/** @type {string} */ finding) => setQuery({ finding })} />
        <${Account} account=${filter['account'] ?? ''} />
        <${Select} label="Ends within" value=${filter['endsWithin'] ?? ''} choices=${ENDS} onChange=${(/** @type {string} */ endsWithin) => setQuery({ endsWithin })} />
        <${More} isOpen=${SELDOM.some((name) => filter[name])}>
          <${Typed} name="principal" label="Who reads" value=${filter['principal'] ?? ''} />
          <${Typed} name="region" label="Region" value=${filter['region'] ?? ''} />
          <${Typed} name="tagKey" label="Tag" value=${filter['tagKey'] ?? ''} />
          <${Typed} name="tagValue" label="Value of a tag" value=${filter['tagValue'] ?? ''} />
        <//>`
      }
    </form>`;
}

/** @param {{ account: string }} props */
const Account = ({ account }) => html`
  <div class="field">
    <label for="account">Account</label>
    <input id="account" inputmode="numeric" size="12" maxlength="12" value=${account}
      onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget: { value } }) => (value === '' || /^\d{12}$/.test(value)) && setQuery({ account: value })} />
  </div>`;

/** @param {{ items: Row[], isSurveyed: boolean }} props */
const SecretTable = ({ items, isSurveyed }) => html`
  <table class="rows">
    <thead><tr><th scope="col">Name</th><th scope="col">Account</th>${isSurveyed && html`<th scope="col">Readable by</th><th scope="col" class="number">Readers</th><th scope="col" class="number">Denied</th><th scope="col">Next end</th><th scope="col">Findings</th>`}</tr></thead>
    <tbody>${items.map((secret) => html`<${SecretRow} key=${secret.arn} secret=${secret} isSurveyed=${isSurveyed} />`)}</tbody>
  </table>`;

/** @param {{ secret: Row, isSurveyed: boolean }} props */
function SecretRow({ secret, isSurveyed }) {
  const { arn, name, description, exposure, readers, denials, nextEnd, findings = [], problem, asOf } = secret;
  const { account, region } = placeOf(arn);
  const [icon, words] = EXPOSURES[exposure ?? ''] ?? ['question', 'Not seen'];
  return html`
    <tr>
      <th scope="row"><a data-row href=${to('secrets', arn)}>${name}</a>${description && html`<div class="hint">${description}</div>`}</th>
      <td data-label="Account"><span class="place">${account}</span><div class="hint place">${region}</div></td>
      ${
        isSurveyed &&
        html`
        <td data-label="Readable by" title=${asOf && `As of ${when(asOf)}`}><span class="chip" data-exposure=${exposure}><${Icon} name=${icon} />${words}</span></td>
        <td data-label="Readers" class="number">${readers}</td>
        <td data-label="Denied" class="number">${denials}</td>
        <td data-label="Next end">${nextEnd && dayOf(nextEnd)}</td>
        <td data-label="Findings">${findings.map((kind) => html`<span class="chip" data-status="unknown"><${Icon} name="warning" />${FINDINGS[kind]}</span>`)}${problem && html`<span class="hint">${problem.detail}</span>`}</td>`
      }
    </tr>`;
}
