import { useEffect, useRef, useState } from 'preact/hooks';
import { api, ask, Refused } from '../api.js';
import { askedFor, detailsOf, REQUEST_STATUSES } from '../asked-for.js';
import { useCan } from '../can.js';
import { createKeys } from '../changing.js';
import { useDuring } from '../during.js';
import { useForm } from '../form.js';
import { html } from '../html.js';
import { to } from '../router.js';
import { me } from '../session.js';
import { actionName, readable, when } from '../words.js';
import { why } from './dialogs/about.js';
import { Diff, Effect, Legs, Warnings } from './effect.js';
import { Busy, Problem } from './face.js';
import { Text, Ticks } from './fields.js';
import { say, withWarnings } from './toast.js';
import { Withdraw } from './withdraw.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @typedef {components['schemas']['PendingChange']} Pending */

/** One change that waits, or waited. @param {{ item: Pending, onDone: () => void }} props */
export function Approval({ item, onDone }) {
  const {
    summary,
    secret,
    group,
    status,
    requestedBy,
    requestedAt,
    reason,
    ticket,
    effect,
    legs,
    warnings,
    diff,
    problem,
    expiresAt,
  } = item;
  const can = useCan(secret.arn);
  const isMine = requestedBy.subject === me.value?.subject && requestedBy.issuer === me.value?.issuer;
  // What was decided has done what it did: of a request it was not known when it was asked for.
  const hasEffect = effect && (status === 'pending' || effect.gains.length + effect.loses.length > 0);
  const mayDecide = status === 'pending' && !isMine && can('approve') && me.value?.groups.includes(group);
  return html`
    <div class="approval">
      <h2>${askedFor(item)}</h2>
      <p><a href=${to('secrets', secret.arn)}>${secret.name}</a></p>
      <p>${reason ? html`“${reason}”` : html`<span class="hint">No reason was given.</span>`}
        <br /><span class="hint">${requestedBy.subject}, ${when(requestedAt)}${ticket && `, ${ticket}`}</span></p>
      <dl class="facts">${detailsOf(item).map(([label, words]) => html`<dt>${label}</dt><dd>${words}</dd>`)}</dl>
      <p>${readable(summary)}</p>
      ${hasEffect && html`<${Effect} effect=${effect} />`}
      ${legs.length > 0 && html`<h3>What reading takes</h3><${Legs} legs=${legs} />`}
      <${Warnings} warnings=${warnings ?? []} />
      ${problem && html`<p class="notice">${readable(problem.detail)}</p>`}
      ${diff && html`<${Diff} diff=${diff} />`}
      ${
        status === 'pending'
          ? mayDecide
            ? html`<${Decide} item=${item} onDone=${onDone} />`
            : html`<p class="hint">Waits for ${group}, until ${when(expiresAt)}.</p>${isMine && html`<${Withdraw} approvalId=${item.approvalId} onDone=${onDone} />`}`
          : html`<${Decided} item=${item} />`
      }
    </div>`;
}

/** @param {{ item: Pending }} props */
const Decided = ({ item: { status, decidedBy, decidedAt, decisionReason } }) => html`
  <p><strong>${REQUEST_STATUSES[status][1]}</strong>${decidedBy && html` by ${decidedBy.subject}`}${decidedAt && html`, ${when(decidedAt)}`}${decisionReason && html`: “${decisionReason}”`}</p>`;

/** @param {{ item: Pending, onDone: () => void }} props */
function Decide({ item, onDone }) {
  const asked = /** @type {{ expiresAt?: string, actions?: string[] }} */ (item.request);
  const { error, setError, isBusy, during, onStop } = useDuring();
  const form = useForm({ actions: asked.actions ?? [] }, error);
  const { values } = form;
  const [seen, setSeen] = useState(item.etag);
  // It is held against the policy of now every so often: another than whoever decides has seen is not approved.
  const hasMoved = !isBusy && item.etag !== null && seen !== null && item.etag !== seen;
  // Where it could not be said what it would do, there was nothing to see before.
  useEffect(() => setSeen((before) => before ?? item.etag), [item.etag]);
  const isShare = item.action === 'share';
  const keyFor = useRef(createKeys()).current;
  const paramsFor = (/** @type {object} */ body) => ({
    path: { approvalId: item.approvalId },
    header: { 'idempotency-key': keyFor(body) },
  });

  /** @param {(signal: AbortSignal) => Promise<string>} decide it says what was done */
  const decideBy = (decide) =>
    during(async (signal) => {
      try {
        say({ text: await decide(signal) });
        onDone();
      } catch (thrown) {
        if (thrown instanceof Refused && thrown.is('policy-changed', 'approval-closed')) onDone();
        throw thrown;
      }
    });
  /** What could be warned of before stands above. */
  const isNew = (/** @type {{ message: string }} */ { message }) =>
    !item.warnings.some((known) => known.message === message);
  const said = why({ reason: values['reason'] });
  const approve = (/** @type {Event} */ event) => {
    event.preventDefault();
    const body = { ...said, ...narrowed(asked, values), ...(seen && { etag: seen }) };
    const params = paramsFor(['approve', body]);
    decideBy(async (signal) => {
      const { warnings } = await ask(api.POST('/v1/approvals/{approvalId}/approve', { signal, params, body }));
      return withWarnings('Approved and applied.', warnings.filter(isNew));
    });
  };
  const reject = () => {
    if (!values['reason'])
      setError(
        new Refused({
          title: 'A reason is needed',
          detail: 'Say why: whoever asked reads it.',
          errors: [{ path: '/reason', message: 'must say why: whoever asked reads it' }],
        }),
      );
    else
      decideBy(async (signal) => {
        const params = paramsFor(['reject', said]);
        await ask(api.POST('/v1/approvals/{approvalId}/reject', { signal, params, body: said }));
        return 'Rejected. Nothing was changed.';
      });
  };
  return html`
    <form class="decide" onSubmit=${approve}>
      ${isShare && html`<${Text} form=${form} name="date" type="date" label="Until (UTC)" hint=${asked.expiresAt ? `Asked for until ${when(asked.expiresAt)}; it may be shorter.` : 'Asked for without end; it may be shorter.'} />`}
      ${
        isShare &&
        (asked.actions?.length ?? 0) > 1 &&
        html`
        <${Ticks} form=${form} name="actions" label="What" choices=${asked.actions?.map((action) => [action, actionName(action)])} />`
      }
      <${Text} form=${form} name="reason" label="Why?" hint="Needed to reject." maxlength=${500} />
      ${hasMoved && html`<p class="notice" role="alert"><span>The policy changed: look again at what it would do.</span> <button type="button" onClick=${() => setSeen(item.etag)}>I have looked</button></p>`}
      ${error !== undefined && html`<${Problem} error=${error} />`}
      <${Busy} isBusy=${isBusy} onStop=${onStop} />
      <div class="buttons">
        <button type="button" class="danger" disabled=${isBusy} onClick=${reject}>Reject</button>
        <button type="submit" class="primary" disabled=${isBusy || item.etag === null || hasMoved}>${isBusy ? 'Applying …' : 'Approve'}</button>
      </div>
    </form>`;
}

/**
 * Only what is less than was asked for.
 * @param {{ actions?: string[] }} asked
 * @param {Record<string, any>} values
 * @returns {Pick<components['schemas']['ApproveRequest'], 'expiresAt' | 'actions'>}
 */
const narrowed = (asked, { date, actions }) => ({
  ...(date && { expiresAt: `${date}T23:59:59Z` }),
  ...(asked.actions && actions.length < asked.actions.length && { actions }),
});
