import { useRef, useState } from 'preact/hooks';
import { allOf, api, ask, Refused } from '../api.js';
import { createKeys } from '../changing.js';
import { useDuring } from '../during.js';
import { html } from '../html.js';
import { Problem } from '../parts/face.js';
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
/** @typedef {{ secretId: string } & Record<string, unknown>} Item */

/** The same for many: secrets by principals, or what was pasted. It is checked first; the check’s page applies it. */
export default function NewOperation() {
  const [values, setValues] = useState(
    /** @type {Record<string, any>} */ ({ action: 'share', span: '30d', how: 'each' }),
  );
  const { error, isBusy, during } = useDuring();
  const keyFor = useRef(createKeys()).current;
  const form = { values, errors: {}, set: (/** @type {object} */ more) => setValues({ ...values, ...more }) };
  const { pairs, wrong } = pairsIn(values);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    await during(async () => {
      const { action, reason, ticket } = values;
      const items = action === 'revoke' ? await sharesOf(pairs) : pairs.map((pair) => itemOf(pair, values));
      const { id } = await begin(action, { items, reason, ...(ticket && { ticket }) }, true, keyFor);
      go(to('operations', id));
    });
  };
  const end = endOf(values['span'], values['date'] ?? '');
  return html`
    <p class="back"><a href=${to('operations')}>Operations</a></p>
    <${Title}>Change many<//>
    <form class="narrow" onSubmit=${submit}>
      <${Choice} form=${form} name="action" label="What?" choices=${[['share', 'Share'], ['deny', 'Deny'], ['revoke', 'Revoke shares']]} />
      <${Choice} form=${form} name="how" label="Which?" choices=${[['each', 'Each of these secrets with each of these'], ['csv', 'Paste lines']]} />
      ${
        values['how'] === 'each'
          ? html`
          <${Text} form=${form} name="secrets" label="Secrets" lines=${4} required hint="Names or ARNs, one to a line" />
          <${Text} form=${form} name="who" label="Who" lines=${3} required hint="Account numbers or ARNs, one to a line" />`
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
      <div class="buttons"><button type="submit" class="primary" disabled=${isBusy || pairs.length === 0 || wrong.length > 0}>${isBusy ? 'Checking …' : `Check ${counted(pairs.length, 'change')}`}</button></div>
    </form>`;
}

/** @param {Record<string, any>} values @returns {{ pairs: Pair[], wrong: string[] }} */
function pairsIn({ how, secrets = '', who = '', csv = '' }) {
  if (how !== 'each') return pairsOf(csv);
  const whoms = listed(who);
  return { pairs: listed(secrets).flatMap((secretId) => whoms.map((one) => ({ secretId, who: one }))), wrong: [] };
}

/** @param {Pair} pair @param {Record<string, any>} values @returns {Item} */
function itemOf({ secretId, who }, { action, span, date = '' }) {
  const end = action === 'share' ? endOf(span, date) : null;
  return { secretId, ...whom(who).request, ...(end !== null && { expiresAt: end.toISOString() }) };
}

/** What is not shared is told, and left out. @param {Pair[]} pairs @throws {Refused} where nothing is */
async function sharesOf(pairs) {
  const { items, without } = await revocable(pairs);
  const named = without.slice(0, FEW).map(({ secretId, who }) => `${secretId} with ${who}`);
  const more = without.length > FEW ? `, and ${without.length - FEW} more` : '';
  const words = `Not shared: ${named.join(', ')}${more}.`;
  if (items.length === 0) throw new Refused({ title: 'Nothing to revoke', detail: words });
  if (without.length > 0) say({ text: words });
  return items;
}

const FEW = 5;

/**
 * @param {string} action @param {any} body @param {boolean} dryRun @param {ReturnType<typeof createKeys>} keyFor
 * @returns {Promise<components['schemas']['Operation']>}
 */
function begin(action, body, dryRun, keyFor) {
  const params = { query: { dryRun }, header: { 'idempotency-key': keyFor([action, body, dryRun]) } };
  switch (action) {
    case 'deny':
      return ask(api.POST('/v1/bulk/denials', { params, body }));
    case 'revoke':
      return ask(api.POST('/v1/bulk/revocations', { params, body }));
    default:
      return ask(api.POST('/v1/bulk/shares', { params, body }));
  }
}

/**
 * Another operation, of those items of one that ended so: what a check would apply is done, what failed is checked again.
 * @param {string} operationId
 * @param {{ status: 'applied' | 'failed', dryRun: boolean }} which
 * @param {ReturnType<typeof createKeys>} keyFor
 */
export async function again(operationId, { status: wanted, dryRun }, keyFor) {
  const path = { operationId };
  const { action, reason, ticket } = await ask(api.GET('/v1/operations/{operationId}', { params: { path } }));
  const all = await allOf((cursor) =>
    ask(api.GET('/v1/operations/{operationId}/items', { params: { path, query: { limit: 1000, cursor } } })),
  );
  const items = all
    .filter(({ status }) => status === wanted)
    .map(({ secretId, request }) => ({ secretId, ...request }));
  return begin(action, { items, ...(reason && { reason }), ...(ticket && { ticket }) }, dryRun, keyFor);
}
