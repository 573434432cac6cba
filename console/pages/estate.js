import { useRef } from 'preact/hooks';
import { api, ask } from '../api.js';
import { useAsked } from '../asked.js';
import { useCan } from '../can.js';
import { createKeys } from '../changing.js';
import { useDuring } from '../during.js';
import { html } from '../html.js';
import { Busy, Empty, Face, Problem } from '../parts/face.js';
import { Icon } from '../parts/icon.js';
import { Title } from '../parts/title.js';
import { go, to } from '../router.js';
import { counted, readable, when } from '../words.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @typedef {components['schemas']['EstateCoverage']} Coverage */

/** What can’t we see? */
export default function Estate() {
  const asked = useAsked((signal) => ask(api.GET('/v1/estate', { signal })), []);
  const can = useCan();
  const { error, isBusy, during, onStop } = useDuring();
  const keyFor = useRef(createKeys()).current;
  const survey = () =>
    during(async (signal) => {
      // Another press after an answer is another survey; one without an answer finds out about the same.
      const params = { header: { 'idempotency-key': keyFor(asked.at?.getTime()) } };
      const { id } = await ask(api.POST('/v1/estate/surveys', { signal, params, body: {} }));
      go(to('operations', id));
    });
  const button =
    can('survey') &&
    html`<div class="actions"><button type="button" class="primary" disabled=${isBusy} onClick=${survey}>${isBusy ? 'Asking …' : 'Survey'}</button></div>`;
  return html`
    <${Title} also=${button}>Estate<//>
    ${error !== undefined && html`<${Problem} error=${error} />`}
    <${Busy} isBusy=${isBusy} onStop=${onStop} />
    <${Face} asked=${asked}>${(/** @type {Coverage} */ coverage) => html`<${Seen} coverage=${coverage} />`}<//>`;
}

/** @param {{ coverage: Coverage }} props */
function Seen({ coverage: { accounts, regions, secrets, oldestLookAt, places, failures } }) {
  if (places.surveyed === 0 && places.surveying === 0 && failures.length === 0)
    return html`<${Empty}>Not looked yet.<//>`;
  const parts = [
    ['check', 'seen whole', places.surveyed, 'done'],
    ['clock', 'being looked at', places.surveying, 'unknown'],
    ['minus', 'never looked at', places.waiting, 'notNeeded'],
    ['cross', 'not seen', places.failed, 'missing'],
  ];
  return html`
    <p class="lead">${counted(secrets, 'secret')} were seen. There are ${counted(places.total, 'place')} to look at, each an account in a Region.${oldestLookAt && ` The oldest look is of ${when(oldestLookAt)}.`}</p>
    <ul class="tally" aria-label="Places">${parts
      .filter(([, , count]) => Number(count) > 0)
      .map(
        ([icon, words, count, tone]) =>
          html`<li data-status=${tone}><${Icon} name=${icon} /><strong>${count}</strong> ${words}</li>`,
      )}</ul>
    ${failures.length > 0 && html`<${Failures} failures=${failures} />`}
    <h2>Accounts</h2>
    <ul class="chips">${accounts.map((account) => html`<li><a href=${`${to('secrets')}?account=${account}`}>${account}</a></li>`)}</ul>
    <h2>Regions</h2>
    <ul class="chips">${regions.map((region) => html`<li><a href=${`${to('secrets')}?region=${region}`}>${region}</a></li>`)}</ul>`;
}

/** @param {{ failures: Coverage['failures'] }} props */
const Failures = ({ failures }) => html`
  <h2>What can’t be seen <span class="count">${failures.length}${failures.length === 100 && ', the first'}</span></h2>
  <table class="rows">
    <thead><tr><th scope="col">Where</th><th scope="col">Secret</th><th scope="col">Why</th><th scope="col">Last seen</th></tr></thead>
    <tbody>${failures.map(
      ({ account, region, secret, detail, code, lastLookAt }) => html`
        <tr>
          <th scope="row">${account} <span class="hint">${region}</span></th>
          <td data-label="Secret">${secret ? html`<a data-row href=${to('secrets', secret.arn)}>${secret.name}</a>` : 'All'}</td>
          <td data-label="Why">${readable(detail)} <a href=${`/problems/${code}`} target="_blank" rel="noreferrer">What to do</a></td>
          <td data-label="Last seen">${lastLookAt ? when(lastLookAt) : 'Never'}</td>
        </tr>`,
    )}</tbody>
  </table>`;
