import { useMemo, useState } from 'preact/hooks';
import { html } from '../html.js';
import { bunched, grouped, textOf } from '../readers.js';
import { counted, dayOf, GROUPS, KINDS, LEGS, STATUSES, shortName } from '../words.js';
import { legName } from './effect.js';
import { Empty } from './face.js';
import { Icon } from './icon.js';
import { ReaderDetail } from './reader-detail.js';

/** @import { Bunch, Group, Row } from '../readers.js' */
/** @import { Entry, Reader, Denied } from '../words.js' */

/** More of one cause are shown when somebody asks. */
const FEW = 20;
const STEP = 100;

/**
 * Everybody whom the policy lets read, or names in vain: dense, and together with those of the same cause.
 * @param {{ readers: Reader[], denied: Denied[], notes: string[], policy: any, can: (action: any) => unknown, onRevoke: (entry: Entry) => void }} props
 */
export function Readers({ readers, denied, notes, ...row }) {
  const [filter, setFilter] = useState('');
  const groups = useMemo(() => grouped(readers, denied), [readers, denied]);
  const all = Object.values(groups).flat().length;
  const found = useMemo(() => matching(groups, filter.trim().toLowerCase()), [groups, filter]);
  const shown = found.flatMap(([, bunches]) => bunches.flatMap(({ rows }) => rows)).length;
  return html`
    <ul class="tally" aria-label="In short">
      ${Object.entries(GROUPS).map(([name, [icon, title]]) => {
        const { length } = groups[/** @type {Group} */ (name)];
        return html`<li data-group=${name}><${Icon} name=${icon} /><strong>${length.toLocaleString('en')}</strong> ${title}</li>`;
      })}
    </ul>
    ${
      all > 5 &&
      html`
      <form class="filters" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
        <div class="field grow">
          <label for="filter">Filter</label>
          <input id="filter" type="search" value=${filter} placeholder="Name, ARN, account or cause"
            onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => setFilter(event.currentTarget.value)} />
        </div>
        <p class="hint" role="status">${filter && `${shown} of ${all}`}</p>
      </form>`
    }
    ${all === 0 && html`<${Empty}>Nobody, as far as the policy says.<//>`}
    ${found.map(([name, bunches]) => html`<${GroupTable} key=${name} name=${name} bunches=${bunches} isFiltered=${filter !== ''} ...${row} />`)}
    ${notes.map((note) => html`<p class="hint">${note}</p>`)}`;
}

/** @param {Record<Group, Row[]>} groups @param {string} text @returns {[Group, Bunch[]][]} */
const matching = (groups, text) =>
  /** @type {Group[]} */ (Object.keys(groups)).flatMap((name) => {
    const bunches = bunched(groups[name], name)
      .map(({ cause, rows }) => ({
        cause,
        rows: text === '' ? rows : rows.filter((row) => textOf(row, cause).includes(text)),
      }))
      .filter(({ rows }) => rows.length > 0);
    return bunches.length === 0 ? [] : [/** @type {[Group, Bunch[]]} */ ([name, bunches])];
  });

/** @param {any} props */
function GroupTable({ name, bunches, isFiltered, ...row }) {
  const [icon, title, words] = GROUPS[/** @type {Group} */ (name)];
  const total = bunches.flatMap((/** @type {Bunch} */ { rows }) => rows).length;
  return html`
    <section data-group=${name} aria-labelledby=${`${name}-title`}>
      <h2 id=${`${name}-title`}><${Icon} name=${icon} />${title} <span class="count">${total}</span></h2>
      <p class="hint">${words}</p>
      <table class="rows readers">
        <thead><tr><th scope="col">Who</th><th scope="col">The way</th><th scope="col">Until</th><th scope="col"><span class="unseen">Action</span></th></tr></thead>
        ${bunches.map((/** @type {Bunch} */ bunch) => html`<${BunchRows} key=${bunch.cause} ...${bunch} isFiltered=${isFiltered} ...${row} />`)}
      </table>
    </section>`;
}

/** @param {any} props */
function BunchRows({ cause, rows, isFiltered, ...rest }) {
  const [isOpen, setOpen] = useState(rows.length <= FEW);
  const [limit, setLimit] = useState(STEP);
  const isShown = isOpen || isFiltered;
  return html`
    <tbody>
      <tr class="cause"><th colspan="4" scope="rowgroup">
        <button type="button" class="quiet" aria-expanded=${isShown} onClick=${() => setOpen(!isOpen)}><${Icon} name="chevron" />${cause} <span class="count">${rows.length}</span></button>
      </th></tr>
      ${isShown && rows.slice(0, limit).map((/** @type {Row} */ row) => html`<${ReaderRow} key=${row.principal} row=${row} ...${rest} />`)}
      ${
        isShown &&
        rows.length > limit &&
        html`
        <tr><td colspan="4"><button type="button" onClick=${() => setLimit(limit + STEP)}>Show ${Math.min(STEP, rows.length - limit)} more</button></td></tr>`
      }
    </tbody>`;
}

export const REVOKES = /** @type {const} */ ({
  share: 'revokeShare',
  denial: 'revokeDenial',
  restriction: 'revokeRestriction',
});

/** @param {{ row: Row, policy: any, can: (action: any) => unknown, onRevoke: (entry: Entry) => void }} props */
function ReaderRow({ row, policy, can, onRevoke }) {
  const [isOpen, setOpen] = useState(false);
  const { principal, kind, legs = [], deniedBy, expiresAt, expired, orphaned, entries, exceptions = [] } = row;
  const [icon, kindName] = KINDS[kind] ?? ['question', kind];
  const ours = entries.filter((entry) => entry.kind !== 'restriction' && can(REVOKES[entry.kind]));
  return html`
    <tr data-open=${isOpen}>
      <th scope="row">
        <button type="button" class="quiet who" data-row aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
          <${Icon} name=${icon} /><span>${shortName(principal, kind)} <span class="hint">${kindName}</span><code>${principal}</code></span>
        </button>
      </th>
      <td data-label="The way"><${Way} legs=${legs} isDenied=${deniedBy.length > 0} /></td>
      <td data-label="Until">
        ${orphaned ? 'Deleted' : expiresAt ? `${expired ? 'Ended' : ''} ${dayOf(expiresAt)}` : entries.length === 0 ? html`<span class="hint">By a statement of others</span>` : html`<span class="hint">No end</span>`}
        ${exceptions.length > 0 && html`<div class="hint">but for ${counted(exceptions.length, 'principal')}</div>`}
      </td>
      <td class="do">${ours.map((entry) => html`<button type="button" class="small danger" onClick=${() => onRevoke(entry)} aria-label=${`${revokeWords(entry, ours)}: ${principal}`}>${revokeWords(entry, ours)}</button>`)}</td>
    </tr>
    ${isOpen && html`<tr class="detail"><td colspan="4"><${ReaderDetail} row=${row} policy=${policy} /></td></tr>`}`;
}

/** Of several shares each by its end. @param {Entry} entry @param {Entry[]} all */
function revokeWords({ kind, expiresAt }, all) {
  if (kind !== 'share') return 'Lift denial';
  if (all.filter((other) => other.kind === 'share').length === 1) return 'Revoke';
  return expiresAt === null ? 'Revoke that without end' : `Revoke that until ${dayOf(expiresAt)}`;
}

/** The legs as stations: through, shut, or not known. @param {{ legs: Reader['legs'], isDenied: boolean }} props */
const Way = ({ legs, isDenied }) => html`
  <span class="way">${Object.keys(LEGS)
    .flatMap((name) => legs.filter(({ leg }) => leg === name))
    .map((leg) => {
      const status = leg.leg === 'secretPolicy' && isDenied ? 'denied' : leg.status;
      const [icon, words] = STATUSES[status] ?? ['question', status];
      return html`<span data-status=${status} title=${`${legName(leg, legs)}: ${words}`}>${legName(leg, legs)} <${Icon} name=${icon} /><span class="unseen">${words}</span></span>`;
    })}${legs.length === 0 && isDenied && html`<span data-status="denied">Secret’s policy <${Icon} name="cross" /><span class="unseen">denies it</span></span>`}</span>`;
