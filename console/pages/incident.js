import { useEffect, useState } from 'preact/hooks';
import { api, ask } from '../api.js';
import { useAsked } from '../asked.js';
import { useCan } from '../can.js';
import { html } from '../html.js';
import { aboutWhat } from '../incidents.js';
import { useEvents } from '../live.js';
import { LiftDialog } from '../parts/dialogs/lift.js';
import { Face } from '../parts/face.js';
import { Icon } from '../parts/icon.js';
import { Names } from '../parts/names.js';
import { Progress } from '../parts/progress.js';
import { Title } from '../parts/title.js';
import { to } from '../router.js';
import { counted, readable, secretName, when } from '../words.js';
import { State } from './incidents.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @typedef {components['schemas']['IncidentDetail']} Detail */
/** @typedef {components['schemas']['Operation']} Operation */

/** How far is it, and what is left to do? @param {{ parts: string[] }} props */
export default function Incident({ parts: [, id = ''] }) {
  const asked = useAsked(
    (signal) => ask(api.GET('/v1/incidents/{incidentId}', { signal, params: { path: { incidentId: id } } })),
    [id],
  );
  const can = useCan();
  const [isLifting, setLifting] = useState(false);
  const [live, setLive] = useState(/** @type {Operation | null} */ (null));
  useEffect(() => setLive(null), [asked.data]);
  const last = asked.data && (asked.data.lift ?? asked.data.operation);
  useEvents(
    last === undefined || last.finishedAt !== null ? null : `/v1/operations/${encodeURIComponent(last.id)}/events`,
    ({ event, data }) => {
      setLive(JSON.parse(data));
      if (event !== 'done') return undefined;
      asked.again();
      return 'last';
    },
  );
  const mayLift = asked.data && MAY_BE_LIFTED.has(asked.data.status) && can('lift');
  return html`
    <p class="back"><a href=${to('incidents')}>Incidents</a></p>
    <${Title} also=${mayLift && html`<div class="actions"><button type="button" class="primary" onClick=${() => setLifting(true)}>Lift</button></div>`}>${asked.data ? aboutWhat(asked.data) : 'Incident'}<//>
    <${Face} asked=${asked}>
      ${(/** @type {Detail} */ incident) => html`
        <p role="status"><${State} status=${incident.status} /><${Progress} operation=${live ?? incident.lift ?? incident.operation} /></p>
        <p>${incident.operation.reason && `“${incident.operation.reason}” `}<span class="hint">${incident.operation.requestedBy}, ${when(incident.operation.createdAt)}${incident.operation.ticket && `, ${incident.operation.ticket}`}</span></p>
        <${Left} incident=${incident} />`}
    <//>
    ${isLifting && html`<${LiftDialog} incident=${asked.data} onClose=${() => setLifting(false)} onDone=${asked.again} />`}`;
}

/** @type {ReadonlySet<Detail['status']>} */
const MAY_BE_LIFTED = new Set(['running', 'standing', 'partlyLifted']);

/** What is not denied, not lifted, or to be done by people. @param {{ incident: Detail }} props */
const Left = ({
  incident: { asked, notDone, notDoneTotal, notLifted, notLiftedTotal, warnings, rotate, rotateTotal },
}) => html`
  <${Rows} title="Not denied" total=${notDoneTotal} rows=${notDone.map(({ secretId, problem }) => ({ secretId, words: problem.detail }))} />
  <${Rows} title="Not lifted" total=${notLiftedTotal} rows=${notLifted.map(({ secretId, problem, todo }) => ({ secretId, words: `${problem.detail} ${todo}` }))} />
  ${warnings.map(({ secretId, message }) => html`<p class="notice"><${Icon} name="warning" /><span><a href=${to('secrets', secretId)}>${secretName(secretId)}</a>: ${readable(message)}</span></p>`)}
  <${Names} title="To rotate: they may have been read before" names=${rotate} total=${rotateTotal} />
  ${asked.except && asked.except.length > 0 && html`<h2>Who may still read</h2><ul class="plain">${asked.except.map((one) => html`<li><code>${one}</code></li>`)}</ul>`}`;

/** @param {{ title: string, total: number, rows: { secretId: string, words: string }[] }} props */
const Rows = ({ title, total, rows }) =>
  total > 0 &&
  html`
    <h2>${title} <span class="count">${total}</span></h2>
    <table class="rows">
      <thead><tr><th scope="col">Secret</th><th scope="col">Why, and what to do</th></tr></thead>
      <tbody>${rows.map(({ secretId, words }) => html`<tr><th scope="row"><a href=${to('secrets', secretId)}>${secretName(secretId)}</a></th><td data-label="Why">${readable(words)}</td></tr>`)}</tbody>
    </table>
    ${total > rows.length && html`<p class="hint">And ${counted(total - rows.length, 'secret')} more.</p>`}`;
