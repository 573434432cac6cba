import { useRef, useState } from 'preact/hooks';
import { allOf, api, ask, Refused } from '../api.js';
import { createKeys } from '../changing.js';
import { useDuring } from '../during.js';
import { html } from '../html.js';
import { Busy, Problem } from '../parts/face.js';
import { Choice, Text, Why } from '../parts/fields.js';
import { Title } from '../parts/title.js';
import { say } from '../parts/toast.js';
import { pairsOf } from '../pasted.js';
import { revocable } from '../revocable.js';
import { go, to } from '../router.js';
import { endOf, listed, SPANS, whom } from '../whom.js';
import { counted, dayOf } from '../words.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @import { Pair } from '../revocable.js' */
/** @import { Entry } from '../words.js' */
/** @typedef {{ secretId: string } & Record<string, unknown>} Item */

/** What is taken back; and what is said where it is not there. @type {Record<Entry['kind'], [words: string, none: string, before: string]>} */
const REVOKED = {
  share: ['Shares', 'Not shared', ' with '],
  denial: ['Denials', 'Not denied', ' to '],
  restriction: ['Fences: all of each secret', 'Not fenced', ''],
};

/** The same for many: secrets by principals, or what was pasted. It is checked first; the check’s page applies it. */
export default function NewOperation() {
  const [values, setValues] = useState(
    /** @type {Record<string, any>} */ ({ action: 'share', span: '30d', how: 'each', kind: 'share' }),
  );
  const { error, isBusy, during, onStop } = useDuring();
  const keyFor = useRef(createKeys()).current;
  const form = { values, errors: {}, set: (/** @type {object} */ more) => setValues({ ...values, ...more }) };
  const { pairs, wrong } = pairsIn(values);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    await during(async (signal) => {
      const { action, kind, reason, ticket } = values;
      if (pairs.length === 0)
        throw new Refused({ title: 'Nothing to check', detail: 'No line names a secret, and who.' });
      const items =
        action === 'revoke' ? await entriesOf(pairs, kind, signal) : pairs.map((pair) => itemOf(pair, values));
      const { id } = await begin(action, { items, reason, ...(ticket && { ticket }) }, true, keyFor, signal);
      go(to('operations', id));
    });
  };
  const end = endOf(values['span'], values['date'] ?? '');
  return html`
    <p class="back"><a href=${to('operations')}>Operations</a></p>
    <${Title}>Change many<//>
    <form class="narrow" onSubmit=${submit}>
      <${Choice} form=${form} name="action" label="What?" choices=${[['share', 'Share'], ['deny', 'Deny'], ['revoke', 'Revoke']]} />
      ${values['action'] === 'revoke' && html`<${Choice} form=${form} name="kind" label="What is taken back?" choices=${Object.entries(REVOKED).map(([kind, [words]]) => [kind, words])} />`}
      ${!isOfAll(values) && html`<${Choice} form=${form} name="how" label="Which?" choices=${[['each', 'Every secret with everybody: two lists'], ['csv', 'Paste lines: a secret and who, each']]} />`}
      ${
        values['how'] === 'each' || isOfAll(values)
          ? html`
          <${Text} form=${form} name="secrets" label="Secrets" lines=${4} required hint="Names or ARNs, one to a line" />
          ${!isOfAll(values) && html`<${Text} form=${form} name="who" label="Who" lines=${3} required hint="Account numbers, ARNs, or permission sets as Ops@222222222222, one to a line" />`}`
          : html`<${Text} form=${form} name="csv" label="Lines" lines=${8} required hint="secret, who: one pair to a line, as from a table" />`
      }
      ${wrong.map((words) => html`<p class="wrong">${words}</p>`)}
      ${
        values['action'] === 'share' &&
        html`
        <${Choice} form=${form} name="span" label="Until" choices=${SPANS} />
        ${values['span'] === 'date' && html`<${Text} form=${form} name="date" label="Last day (UTC)" type="date" required />`}
        <p class="hint">${end === null ? 'It does not end by itself.' : `It ends on ${dayOf(end)}.`}</p>`
      }
      <${Why} form=${form} />
      ${error !== undefined && html`<${Problem} error=${error} />`}
      <${Busy} isBusy=${isBusy} onStop=${onStop} />
      <div class="buttons"><button type="submit" class="primary" disabled=${isBusy || wrong.length > 0}>${isBusy ? 'Checking …' : pairs.length === 0 ? 'Check' : `Check ${counted(pairs.length, 'change')}`}</button></div>
    </form>`;
}

/** A fence is about nobody by name. @param {Record<string, any>} values */
const isOfAll = ({ action, kind }) => action === 'revoke' && kind === 'restriction';

/** @param {Record<string, any>} values @returns {{ pairs: Pair[], wrong: string[] }} */
function pairsIn(values) {
  const { how, secrets = '', who = '', csv = '' } = values;
  if (isOfAll(values)) return { pairs: listed(secrets).map((secretId) => ({ secretId })), wrong: [] };
  if (how !== 'each') return pairsOf(csv);
  const whoms = listed(who);
  return { pairs: listed(secrets).flatMap((secretId) => whoms.map((one) => ({ secretId, who: one }))), wrong: [] };
}

/** @param {Pair} pair @param {Record<string, any>} values @returns {Item} */
function itemOf({ secretId, who = '' }, { action, span, date = '' }) {
  const end = action === 'share' ? endOf(span, date) : null;
  return { secretId, ...whom(who).request, ...(end !== null && { expiresAt: end.toISOString() }) };
}

/** What is not there is told, and left out. @param {Pair[]} pairs @param {Entry['kind']} kind @param {AbortSignal} signal @throws {Refused} where nothing is */
async function entriesOf(pairs, kind, signal) {
  const { items, without } = await revocable(pairs, kind, signal);
  const [, none, before] = REVOKED[kind];
  const named = without.slice(0, FEW).map(({ secretId, who = '' }) => `${secretId}${before}${who}`);
  const more = without.length > FEW ? `, and ${without.length - FEW} more` : '';
  const words = `${none}: ${named.join(', ')}${more}.`;
  if (items.length === 0) throw new Refused({ title: 'Nothing to revoke', detail: words });
  if (without.length > 0) say({ text: words });
  return items;
}

const FEW = 5;

/**
 * @param {string} action @param {any} body @param {boolean} dryRun @param {ReturnType<typeof createKeys>} keyFor
 * @param {AbortSignal} signal
 * @returns {Promise<components['schemas']['Operation']>}
 */
function begin(action, body, dryRun, keyFor, signal) {
  const params = { query: { dryRun }, header: { 'idempotency-key': keyFor([action, body, dryRun]) } };
  switch (action) {
    case 'deny':
      return ask(api.POST('/v1/bulk/denials', { signal, params, body }));
    case 'revoke':
      return ask(api.POST('/v1/bulk/revocations', { signal, params, body }));
    default:
      return ask(api.POST('/v1/bulk/shares', { signal, params, body }));
  }
}

/**
 * Another operation, of those items of one that ended so: what a check would apply is done, what failed is checked again.
 * @param {string} operationId
 * @param {{ status: 'applied' | 'failed', dryRun: boolean }} which
 * @param {ReturnType<typeof createKeys>} keyFor
 * @param {AbortSignal} signal
 */
export async function again(operationId, { status: wanted, dryRun }, keyFor, signal) {
  const path = { operationId };
  const { action, reason, ticket } = await ask(api.GET('/v1/operations/{operationId}', { signal, params: { path } }));
  const all = await allOf((cursor) =>
    ask(api.GET('/v1/operations/{operationId}/items', { signal, params: { path, query: { limit: 1000, cursor } } })),
  );
  const items = all
    .filter(({ status }) => status === wanted)
    .map(({ secretId, request }) => ({ secretId, ...request }));
  return begin(action, { items, ...(reason && { reason }), ...(ticket && { ticket }) }, dryRun, keyFor, signal);
}
