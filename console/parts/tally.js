import { html } from '../html.js';
import { counted } from '../words.js';

/** @import { Whole } from '../whole-list.js' */

/** How many there are: at least so many, where they were not counted to the end. @param {{ data: Whole<unknown>, one: string }} props */
export const Tally = ({ data, one }) => html`<p class="hint" role="status">${inWords(data, one)}.</p>`;

/** @param {Whole<unknown>} data @param {string} one */
function inWords({ items, all, isWhole, isCounting }, one) {
  if (isCounting) return `The first ${counted(items.length, one)}; the rest is being counted`;
  const total = `${isWhole ? '' : 'At least '}${counted(all.length, one)}`;
  return items.length < all.length
    ? `${total}, of which the first ${items.length.toLocaleString('en')} are here`
    : total;
}

/** @param {{ data: Whole<unknown>, onMore: () => void }} props */
export function ShowMore({ data: { items, all, isWhole, isCounting }, onMore }) {
  const isLast = items.length === all.length;
  return (
    (!isLast || !isWhole) &&
    html`<button type="button" disabled=${isLast && isCounting} onClick=${onMore}>Show more</button>`
  );
}
