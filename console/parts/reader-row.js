import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { counted, dayOf, KINDS, LEGS, shortName, statusOf, when } from '../words.js';
import { legName } from './effect.js';
import { Icon } from './icon.js';
import { ReaderDetail } from './reader-detail.js';

/** @import { Group, Row } from '../readers.js' */
/** @import { Entry, Reader } from '../words.js' */

export const REVOKES = /** @type {const} */ ({
  share: 'revokeShare',
  denial: 'revokeDenial',
  restriction: 'revokeRestriction',
});

/** Of a reader the end; of who is denied, by whom. @param {Group} group */
export const lastColumn = (group) => (group === 'denied' ? 'By whom' : 'Until');

/** @param {{ row: Row, group: Group, policy: any, can: (action: any) => unknown, onRevoke: (entry: Entry) => void }} props */
export function ReaderRow({ row, group, policy, can, onRevoke }) {
  const [isOpen, setOpen] = useState(false);
  const { principal, kind, legs = [], deniedBy, entries, exceptions = [] } = row;
  const [icon, kindName] = KINDS[kind] ?? ['question', kind];
  // Whom a fence keeps out, not whoever there is.
  const isFence = kind === 'everyone' && entries.some((entry) => entry.kind === 'restriction');
  const ours = entries.filter((entry) => entry.kind !== 'restriction' && can(REVOKES[entry.kind]));
  return html`
    <tr data-open=${isOpen}>
      <th scope="row">
        <button type="button" class="quiet who" data-row aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
          <${Icon} name=${icon} /><span>${isFence ? 'Everybody outside' : shortName(principal, kind)} <span class="hint">${kindName}</span><code>${principal}</code></span>
        </button>
      </th>
      <td data-label="The way"><${Way} legs=${legs} isDenied=${deniedBy.length > 0} /></td>
      <td data-label=${lastColumn(group)}>
        ${group === 'denied' ? html`<${ByWhom} entries=${entries} />` : html`<${Until} ...${row} />`}
        ${exceptions.length > 0 && html`<div class="hint">But for ${counted(exceptions.length, 'principal')}</div>`}
      </td>
      <td class="do">${ours.map((entry) => html`<button type="button" class="small danger" onClick=${() => onRevoke(entry)} aria-label=${`${revokeWords(entry, ours)}: ${principal}`}>${revokeWords(entry, ours)}</button>`)}</td>
    </tr>
    ${isOpen && html`<tr class="detail"><td colspan="4"><${ReaderDetail} row=${row} policy=${policy} /></td></tr>`}`;
}

/** @param {Row} row */
function Until({ orphaned, expired, expiresAt, entries }) {
  if (orphaned) return 'Deleted';
  if (expiresAt) return `${expired ? 'Ended ' : ''}${dayOf(expiresAt)}`;
  return html`<span class="hint">${entries.length === 0 ? 'By a statement of others' : 'No end'}</span>`;
}

/** Why stands above: of all of one cause. @param {Pick<Row, 'entries'>} row */
function ByWhom({ entries }) {
  const said = entries.find(({ kind, by }) => kind !== 'share' && by !== null);
  if (!said?.by || !said.at)
    return html`<span class="hint">${entries.some(({ kind }) => kind !== 'share') ? 'Not known' : 'A statement of others'}</span>`;
  return html`${said.by.subject}<div class="hint">${when(said.at)}${said.ticket && `, ${said.ticket}`}</div>`;
}

/** Of a share and a denial each by its kind, of several shares each by its end. @param {Entry} entry @param {Entry[]} all */
function revokeWords({ kind, expiresAt }, all) {
  if (kind !== 'share') return 'Revoke denial';
  if (all.filter((other) => other.kind === 'share').length === 1) return all.length === 1 ? 'Revoke' : 'Revoke share';
  return expiresAt === null ? 'Revoke that without end' : `Revoke that until ${dayOf(expiresAt)}`;
}

/** The legs as stations: through, shut, or not known. @param {{ legs: Reader['legs'], isDenied: boolean }} props */
const Way = ({ legs, isDenied }) => html`
  <span class="way">${Object.keys(LEGS)
    .flatMap((name) => legs.filter(({ leg }) => leg === name))
    .map((leg) => {
      const isShut = leg.leg === 'secretPolicy' && isDenied;
      const [icon, words] = isShut ? ['cross', 'denies it'] : statusOf(leg);
      return html`<span data-status=${isShut ? 'denied' : leg.status} title=${`${legName(leg, legs)}: ${words}`}>${legName(leg, legs)} <${Icon} name=${icon} /><span class="unseen">${words}</span></span>`;
    })}${legs.length === 0 && isDenied && html`<span data-status="denied">Secret’s policy <${Icon} name="cross" /><span class="unseen">denies it</span></span>`}</span>`;
