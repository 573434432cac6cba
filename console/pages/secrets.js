import { useEffect, useRef, useState } from 'preact/hooks';
import { api, ask } from '../api.js';
import { useAsked } from '../asked.js';
import { html } from '../html.js';
import { Empty, Face } from '../parts/face.js';
import { Filters, More, Select, Typed } from '../parts/filters.js';
import { SecretTable } from '../parts/secret-table.js';
import { ShowMore, Tally } from '../parts/tally.js';
import { Title } from '../parts/title.js';
import { route, setQuery, to } from '../router.js';
import { me } from '../session.js';
import { soonestFirst } from '../soonest.js';
import { useWholeList } from '../whole-list.js';
import { EXPOSURES, FINDINGS } from '../words.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @import { Whole } from '../whole-list.js' */
/** @typedef {Partial<components['schemas']['EstateSecret']> & { arn: string, name: string, description?: string | null }} Row */

const SELDOM = ['region', 'tagKey', 'tagValue', 'principal'];
const FILTERS = ['account', 'exposure', 'finding', 'endsWithin', ...SELDOM];
/** @type {[string, string][]} */
const ENDS = [
  ['1d', 'A day'],
  ['14d', '14 days'],
  ['30d', '30 days'],
];

/** Which secrets are there, and how open is each? */
export default function Secrets() {
  const { query } = route.value;
  const text = query.get('text') ?? '';
  const filter = Object.fromEntries(FILTERS.flatMap((name) => (query.has(name) ? [[name, query.get(name)]] : [])));
  const source = useSource();
  const isSurveyed = source.data?.from === 'estate';
  const list = useWholeList(
    (signal, page) =>
      source.data === undefined
        ? never
        : isSurveyed
          ? fromEstate(signal, { text, ...filter, ...page })
          : fromList(signal, { name: text, ...page }),
    [source.data?.from, text, filter],
  );
  return html`
    <${Title} also=${me.value?.capabilities.bulk && html`<div class="actions"><a class="button" href=${to('operations', 'new')}>Change many</a></div>`}>Secrets<//>
    <${Search} isSurveyed=${isSurveyed} text=${text} filter=${filter} />
    <${Face} asked=${source.data === undefined ? source : list}>
      ${(/** @type {Whole<Row>} */ data) => html`
        <${Tally} data=${data} one="secret" />
        ${
          data.items.length === 0
            ? html`<${Empty}>${data.isWhole ? 'No secret matches.' : 'None so far.'} ${query.size > 0 && html`<a href=${to('secrets')}>Clear filters</a>`}<//>`
            : html`<${SecretTable} items=${data.isWhole && filter['endsWithin'] ? soonestFirst(data.all).slice(0, data.items.length) : data.items} isSurveyed=${isSurveyed} />`
        }
        <${ShowMore} data=${data} onMore=${list.showMore} />`}
    <//>`;
}

/** Surveys know all accounts and Regions; where there was none yet, AWS is asked about the service’s own. */
const useSource = () => {
  const canSeeEstate = me.value?.capabilities.estate;
  return useAsked(
    async (signal) => {
      if (!canSeeEstate) return { from: 'list' };
      const { places } = await ask(api.GET('/v1/estate', { signal }));
      return { from: places.surveyed > 0 ? 'estate' : 'list' };
    },
    [canSeeEstate],
  );
};

/** Until it is known whom to ask. @type {Promise<never>} */
const never = new Promise(() => {});

/** @typedef {{ items: Row[], nextCursor: string | null }} Found */

/** @param {AbortSignal} signal @param {any} query @returns {Promise<Found>} */
const fromEstate = (signal, { text, ...query }) =>
  ask(api.GET('/v1/estate/secrets', { signal, params: { query: { ...query, ...(text && { text }) } } }));

/** @param {AbortSignal} signal @param {any} query @returns {Promise<Found>} */
const fromList = (signal, { name, ...page }) =>
  ask(api.GET('/v1/secrets', { signal, params: { query: { ...(name && { name }), ...page } } }));

const SETTLES_MS = 250;

/** @param {{ isSurveyed: boolean, text: string, filter: Record<string, string> }} props */
function Search({ isSurveyed, text, filter }) {
  const [typed, setTyped] = useState(text);
  const asked = useRef(text);
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => {
      asked.current = typed;
      setQuery({ text: typed });
    }, SETTLES_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  // Somebody searched elsewhere, or went back.
  useEffect(() => {
    if (text !== asked.current) setTyped(text);
    asked.current = text;
  }, [text]);
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
        html`<${Filters} count=${Object.keys(filter).length}>
        <${Select} label="Readable by" value=${filter['exposure'] ?? ''} choices=${choices(EXPOSURES)} onChange=${(/** @type {string} */ exposure) => setQuery({ exposure })} />
        <${Select} label="Finding" value=${filter['finding'] ?? ''} choices=${Object.entries(FINDINGS)} onChange=${(/** @type {string} */ finding) => setQuery({ finding })} />
        <${Account} account=${filter['account'] ?? ''} />
        <${Select} label="Ends within" value=${filter['endsWithin'] ?? ''} choices=${ENDS} onChange=${(/** @type {string} */ endsWithin) => setQuery({ endsWithin })} />
        <${More} isOpen=${SELDOM.some((name) => filter[name])}>
          <${Typed} name="principal" label="Who reads" value=${filter['principal'] ?? ''} />
          <${Typed} name="region" label="Region" value=${filter['region'] ?? ''} />
          <${Typed} name="tagKey" label="Tag" value=${filter['tagKey'] ?? ''} />
          <${Typed} name="tagValue" label="Value of a tag" value=${filter['tagValue'] ?? ''} />
        <//><//>`
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
