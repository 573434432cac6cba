import { html } from '../html.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @typedef {components['schemas']['Operation']} Operation */

/** How far it is, in one line. @param {{ operation: Operation }} props */
export function Progress({ operation: { counts, status, dryRun } }) {
  const { total, pending, running, applied, unchanged, awaitingApproval, failed, cancelled } = counts;
  const ended = total - pending - running;
  const parts = [
    [applied, dryRun ? 'would be applied' : 'applied'],
    [unchanged, 'so already'],
    [awaitingApproval, 'wait for approval'],
    [failed, 'failed'],
    [cancelled, 'cancelled'],
  ];
  const words = parts.filter(([count]) => Number(count) > 0).map(([count, what]) => `${count} ${what}`);
  return html`
    <span class="progress">
      <progress max=${Math.max(total, 1)} value=${ended} aria-label=${`${ended} of ${total}`}></progress>
      <span>${ended} of ${total}</span>
      <span class="hint" data-status=${failed > 0 ? 'missing' : undefined}>${[status === 'running' ? '' : status, ...words].filter(Boolean).join(', ')}</span>
    </span>`;
}
