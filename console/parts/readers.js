import { useMemo, useState } from 'preact/hooks';
import { html } from '../html.js';
import { bunched, grouped, textOf } from '../readers.js';
import { GROUPS } from '../words.js';
import { Empty } from './face.js';
import { Filter } from './filters.js';
import { Icon } from './icon.js';
import { lastColumn, ReaderRow } from './reader-row.js';

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
      <${Filter} text=${filter} hint="Name, ARN, account or cause" said=${`${shown} of ${all}`} onText=${setFilter} />`
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
        <thead><tr><th scope="col">Who</th><th scope="col">The way</th><th scope="col">${lastColumn(name)}</th><th scope="col"><span class="unseen">Action</span></th></tr></thead>
        ${bunches.map((/** @type {Bunch} */ bunch) => html`<${BunchRows} key=${bunch.cause} ...${bunch} group=${name} isFiltered=${isFiltered} ...${row} />`)}
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
        <button type="button" class="quiet" aria-expanded=${isShown} onClick=${() => setOpen(!isOpen)}><${Icon} name="chevron" />${cause}\u00a0<span class="count">${rows.length}</span></button>
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
