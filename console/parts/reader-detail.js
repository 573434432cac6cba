import { html } from '../html.js';
import { inWords } from '../readers.js';
import { capital, conditionsOf, DECISIONS, ENTRIES, when } from '../words.js';
import { Legs } from './effect.js';
import { Json } from './json.js';

/** @import { Row } from '../readers.js' */
/** @import { Entry } from '../words.js' */
/** @typedef {{ index: number, sid: string | null }} Place */

/** Why, and what it takes. @param {{ row: Row, policy: { policy: any } }} props */
export function ReaderDetail({ row, policy: { policy } }) {
  const { because = [], deniedBy, legs = [], exceptions = [], entries } = row;
  const statements = [policy?.Statement ?? []].flat();
  const quote = (/** @type {Place} */ { index, sid }) =>
    html`<${Json} value=${statements[index] ?? {}} label=${sid ?? `Statement ${index + 1}`} />`;
  return html`
    <div class="why">
      <${Part} title="By this service" items=${entries.map((entry) => html`<${OneEntry} entry=${entry} />`)} />
      <${Part} title="It depends" items=${inWords(row)} />
      <${Part} title="But for" items=${exceptions.map(({ principal, decision }) => html`<code>${principal}</code>: ${DECISIONS[decision]}`)} />
      ${legs.length > 0 && html`<h3>What reading takes</h3><${Legs} legs=${legs} />`}
      ${deniedBy.length > 0 && html`<h3>Denied by</h3>${deniedBy.map(quote)}`}
      ${because.length > 0 && html`<h3>Allowed by</h3>${because.map(quote)}`}
    </div>`;
}

/** @param {{ title: string, items: unknown[] }} props */
const Part = ({ title, items }) =>
  items.length > 0 && html`<h3>${title}</h3><ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;

/** @param {{ entry: Entry }} props */
const OneEntry = ({ entry }) => html`
  ${capital(ENTRIES[entry.kind][0])}${conditionsOf(entry).map((condition) => ` · ${condition}`)}
  ${entry.reason && html` “${entry.reason}”`}
  <span class="hint"> ${entry.by && `${entry.by.subject}, `}${entry.at && when(entry.at)}${entry.ticket && `, ${entry.ticket}`}</span>`;
