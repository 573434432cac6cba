import { useState } from 'preact/hooks';
import { api, ask } from '../api.js';
import { useAsked } from '../asked.js';
import { useCan } from '../can.js';
import { html } from '../html.js';
import { AcknowledgeDialog } from '../parts/dialogs/acknowledge.js';
import { PruneDialog } from '../parts/dialogs/mend.js';
import { Empty, Face } from '../parts/face.js';
import { Filters, Select, Typed } from '../parts/filters.js';
import { Icon } from '../parts/icon.js';
import { ShowMore, Tally } from '../parts/tally.js';
import { Title } from '../parts/title.js';
import { route, setQuery, to } from '../router.js';
import { useWholeList } from '../whole-list.js';
import { capital, dayOf, FINDINGS, readable, when } from '../words.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @import { Whole } from '../whole-list.js' */
/** @typedef {components['schemas']['Finding']} Finding */

/** @type {Record<Finding['severity'], string>} their tones */
const SEVERITIES = { critical: 'missing', high: 'missing', medium: 'unknown', low: 'notNeeded' };

/** What is wrong? */
export default function Findings() {
  const { query } = route.value;
  const filter = Object.fromEntries(
    ['severity', 'kind', 'status', 'secret'].map((name) => [
      name,
      query.get(name) ?? (name === 'status' ? 'open' : ''),
    ]),
  );
  const asked = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== '' && value !== 'all'));
  const list = useWholeList(
    (signal, page) => ask(api.GET('/v1/findings', { signal, params: { query: { ...asked, ...page } } })),
    [asked],
  );
  const isAllOpen = Object.keys(asked).length === 1 && asked['status'] === 'open';
  const [chosen, setChosen] = useState(/** @type {{ finding: Finding, Dialog: Function } | null} */ (null));
  return html`
    <${Title}>Findings<//>
    <form class="filters" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}><${Filters} count=${Object.keys(asked).length}>
      <${Select} label="Severity" value=${filter['severity']} choices=${Object.keys(SEVERITIES).map((name) => [name, capital(name)])} onChange=${(/** @type {string} */ severity) => setQuery({ severity })} />
      <${Select} label="Kind" value=${filter['kind']} choices=${Object.entries(FINDINGS)} onChange=${(/** @type {string} */ kind) => setQuery({ kind })} />
      <${Select} label="Status" value=${asked['status'] ?? ''} choices=${[['open', 'Open'], ['acknowledged', 'Acknowledged']]} onChange=${(/** @type {string} */ status) => setQuery({ status: status || 'all' })} />
      <${Typed} name="secret" label="Secret" value=${filter['secret']} />
    <//></form>
    <${Face} asked=${list}>
      ${(/** @type {Whole<Finding>} */ data) => html`
        ${data.all.length > 0 && html`<${Tally} data=${data} one="finding" />`}
        ${
          data.items.length === 0
            ? html`<${Nothing} isAllOpen=${isAllOpen} isWhole=${data.isWhole} />`
            : html`<table class="rows">
              <thead><tr><th scope="col">Secret</th><th scope="col">Severity</th><th scope="col">What</th><th scope="col">Since</th></tr></thead>
              <tbody>${data.items.map((finding) => html`<${Row} key=${finding.id} finding=${finding} onAcknowledge=${() => setChosen({ finding, Dialog: AcknowledgeDialog })} onMend=${() => setChosen({ finding, Dialog: PruneDialog })} />`)}</tbody>
            </table>`
        }
        <${ShowMore} data=${data} onMore=${list.showMore} />`}
    <//>
    ${chosen && html`<${chosen.Dialog} finding=${chosen.finding} secret=${chosen.finding.secret} mayRollBack=${false} onClose=${() => setChosen(null)} onDone=${list.again} />`}`;
}

/** None of those that were asked for; of all, only what was looked at is known. @param {{ isAllOpen: boolean, isWhole: boolean }} props */
const Nothing = ({ isAllOpen, isWhole }) =>
  isAllOpen && isWhole ? html`<${NothingOpen} />` : html`<${Empty}>None of these${isWhole ? '' : ' so far'}.<//>`;

function NothingOpen() {
  const asked = useAsked((signal) => ask(api.GET('/v1/estate', { signal })), []);
  return html`<${Face} asked=${asked}>${(/** @type {components['schemas']['EstateCoverage']} */ coverage) => html`<${Empty}>${lookedAt(coverage)}<//>`}<//>`;
}

/** @param {components['schemas']['EstateCoverage']} coverage */
function lookedAt({ oldestLookAt, places, failures }) {
  if (oldestLookAt === null)
    return places.surveyed > 0 ? 'No secret was there to look at.' : 'No survey has looked yet.';
  const isPart = places.surveyed < places.total || failures.length > 0;
  return `Nothing open as of ${when(oldestLookAt)}${isPart ? ', where it could be looked at' : ''}.`;
}

/** @param {{ finding: Finding, onAcknowledge: () => void, onMend: () => void }} props */
function Row({ finding, ...does }) {
  const { secret, severity, kind, since, account, region } = finding;
  const [isOpen, setOpen] = useState(false);
  return html`
    <tr>
      <th scope="row"><a href=${to('secrets', secret.arn)}>${secret.name}</a><div class="hint">${account} ${region}</div></th>
      <td data-label="Severity"><span class="chip" data-status=${SEVERITIES[severity]}><${Icon} name="warning" />${capital(severity)}</span></td>
      <td data-label="What"><button type="button" class="quiet" data-row aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}><${Icon} name="chevron" />${FINDINGS[kind]}</button></td>
      <td data-label="Since">${when(since)}</td>
    </tr>
    ${isOpen && html`<tr class="detail"><td colspan="4"><${Detail} finding=${finding} ...${does} /></td></tr>`}`;
}

/** @param {{ finding: Finding, onAcknowledge: () => void, onMend: () => void }} props */
function Detail({ finding: { secret, detail, acknowledged, mend }, onAcknowledge, onMend }) {
  const can = useCan(secret.arn);
  return html`
    <div class="why">
      <p>${readable(detail)}</p>
      ${acknowledged && html`<p>“${acknowledged.reason}” <span class="hint">${acknowledged.by}, until ${dayOf(acknowledged.until)}</span></p>`}
      <div class="row-buttons">
        ${
          mend.path.endsWith('/policy/prune') && can('prune')
            ? html`<button type="button" class="primary" onClick=${onMend}>Mend</button>`
            : html`<a class="button" href=${to('secrets', secret.arn)}>See the secret</a>`
        }
        ${!acknowledged && can('acknowledgeFinding') && html`<button type="button" onClick=${onAcknowledge}>Acknowledge</button>`}
      </div>
    </div>`;
}
