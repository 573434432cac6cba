import { useState } from 'preact/hooks';
import { api, ask } from '../api.js';
import { useAsked, useList } from '../asked.js';
import { html } from '../html.js';
import { OUTCOMES, readable, when } from '../words.js';
import { RollbackDialog } from './dialogs/go-back.js';
import { Empty, Face } from './face.js';
import { Icon } from './icon.js';
import { Json } from './json.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @typedef {components['schemas']['RecordedChange']} Recorded */
/** @typedef {{ items: Recorded[], nextCursor: string | null }} Page */

/**
 * What was done to a secret, newest first.
 * @param {{ secret: { arn: string, name: string }, can: ReturnType<typeof import('../can.js').useCan>, changes: number, onDone: () => void }} props
 */
export function Timeline({ secret, can, changes, onDone }) {
  const [back, setBack] = useState(/** @type {Recorded | null} */ (null));
  const list = useList(
    async (signal, cursor) =>
      /** @type {Page} */ (
        await ask(
          api.GET('/v1/audit-events', {
            signal,
            params: { query: { view: 'changes', secret: secret.arn, limit: 50, cursor } },
          }),
        )
      ),
    [secret.arn, changes],
  );
  return html`
    <${Face} asked=${list}>
      ${(/** @type {{ items: Recorded[], hasMore: boolean }} */ { items, hasMore }) => html`
        ${items.length === 0 && html`<${Empty}>No change that we know of.<//>`}
        <ol class="timeline">${items.map((change) => html`<${Entry} key=${change.changeId} change=${change} onBack=${can('rollback') && hasChanged(change) && (() => setBack(change))} />`)}</ol>
        ${hasMore && html`<button type="button" disabled=${list.isAsking} onClick=${list.showMore}>Show more</button>`}`}
    <//>
    ${back && html`<${RollbackDialog} secret=${secret} change=${back} mayRollBack approval=${can('rollback')?.approval} onClose=${() => setBack(null)} onDone=${onDone} />`}`;
}

/** Whether there is anything to go back from. @param {Recorded} change */
const hasChanged = ({ action, outcome }) => outcome === 'applied' && OF_POLICIES.has(action);

/** @param {{ change: Recorded, onBack: (() => void) | false, also?: unknown }} props */
export function Entry({ change, onBack, also }) {
  const [isOpen, setOpen] = useState(false);
  const { summary, reason, actor, ticket, time, action, outcome, error } = change;
  // To have asked is not to have done.
  const isAsked = action === 'requestApproval' && outcome === 'applied';
  const [icon, words] = isAsked ? ['clock', ''] : (OUTCOMES[outcome ?? 'unknown'] ?? ['question', 'Not known']);
  return html`
    <li data-outcome=${isAsked ? 'unknown' : outcome}>
      <span class="dot"><${Icon} name=${icon} /></span>
      <div>
        <span class="summary">${readable(summary)}</span>${!QUIET.has(outcome ?? '') && html` <strong>${words}</strong>`} ${also}
        ${error && html`<div class="wrong">${readable(error.message)}</div>`}
        <div class="hint">${reason && `“${reason}”, `}${actor.subject}${ticket && `, ${ticket}`}, ${when(time)}</div>
      </div>
      <div class="row-buttons">
        ${onBack && html`<button type="button" class="small quiet" onClick=${onBack}>Go back to before this</button>`}
        ${OF_POLICIES.has(action) && change.secret.arn !== null && html`<button type="button" class="small quiet" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}><${Icon} name="chevron" />Difference</button>`}
      </div>
      ${isOpen && html`<div class="documents"><${Documents} changeId=${change.changeId} /></div>`}
    </li>`;
}

/** Their summaries say it. */
const QUIET = new Set(['applied', 'unchanged']);
/** Those that may change a policy. */
const OF_POLICIES = /** @type {Set<Recorded['action']>} */ (
  new Set([
    ...['share', 'deny', 'restrict', 'revoke', 'replacePolicy', 'deletePolicy', 'rollback', 'expire', 'prune'],
    ...['removeStatement', 'adopt', 'applyManifest', 'restoreDrift', 'drift', 'approve', 'freeze', 'evict', 'lift'],
  ])
);

/** @param {{ changeId: string }} props */
function Documents({ changeId }) {
  const asked = useAsked(
    async (signal) =>
      /** @type {Page} */ (
        await ask(
          api.GET('/v1/audit-events', { signal, params: { query: { view: 'changes', changeId, documents: true } } }),
        )
      ).items[0] ?? null,
    [changeId],
  );
  return html`<${Face} asked=${asked}>${(/** @type {Recorded | null} */ change) =>
    change?.policy
      ? html`<div class="before-after"><${Json} value=${change.policy.before} label="Before" /><${Json} value=${change.policy.after} label="After" /></div>`
      : html`<p class="hint">It is about no policy.</p>`}<//>`;
}
