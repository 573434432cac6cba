import { html } from '../html.js';
import { to } from '../router.js';
import { dayOf, EXPOSURES, FINDINGS, placeOf, readable, when } from '../words.js';
import { Icon } from './icon.js';

/** @import { Row } from '../pages/secrets.js' */

/** @param {{ items: Row[], isSurveyed: boolean }} props */
export const SecretTable = ({ items, isSurveyed }) => html`
  <table class="rows">
    <thead><tr><th scope="col">Name</th><th scope="col">Account</th>${isSurveyed && html`<th scope="col">Readable by</th><th scope="col" class="number">May or might read</th><th scope="col" class="number">Denied</th><th scope="col">Next end</th><th scope="col">Findings</th>`}</tr></thead>
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
        <td data-label="May or might read" class="number">${readers}</td>
        <td data-label="Denied" class="number">${denials}</td>
        <td data-label="Next end">${nextEnd && dayOf(nextEnd)}</td>
        <td data-label="Findings">${findings.map((kind) => html`<span class="chip" data-status="unknown"><${Icon} name="warning" />${FINDINGS[kind]}</span>`)}${problem && html`<span class="hint">${readable(problem.detail)}</span>`}</td>`
      }
    </tr>`;
}
