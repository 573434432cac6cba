import { useRef, useState } from 'preact/hooks';
import { allOf, api, ask } from '../api.js';
import { createKeys } from '../changing.js';
import { useDuring } from '../during.js';
import { html } from '../html.js';
import { Problem } from '../parts/face.js';
import { Choice, Text, Why } from '../parts/fields.js';
import { Title } from '../parts/title.js';
import { pairsOf } from '../pasted.js';
import { go, to } from '../router.js';
import { endOf, listed, SPANS, whom } from '../whom.js';
import { counted, dayOf } from '../words.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @typedef {{ secretId: string } & Record<string, unknown>} Item */

/** The same for many: secrets by principals, or what was pasted. It is checked first; the check’s page applies it. */
export default function NewOperation() {
  const [values, setValues] = useState(
    /** @type {Record<string, any>} */ ({ action: 'share', span: '30d', how: 'each' }),
  );
  const { error, isBusy, during } = useDuring();
  const keyFor = useRef(createKeys()).current;
  const form = { values, errors: {}, set: (/** @type {object} */ more) => setValues({ ...values, ...more }) };
  const { items, wrong } = itemsOf(values);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    await during(async () => {
      const { reason, ticket } = values;
      const { id } = await begin(values['action'], { items, reason, ...(ticket && { ticket }) }, true, keyFor);
      go(to('operations', id));
    });
  };
  const end = endOf(values['span'], values['date'] ?? '');
  return html`
    <p class="back"><a href=${to('operations')}>Operations</a></p>
    <${Title}>Change many<//>
    <form class="narrow" onSubmit=${submit}>
      <${Choice} form=${form} name="action" label="What?" choices=${[['share', 'Share'], ['deny', 'Deny']]} />
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
      <div class="buttons"><button type="submit" class="primary" disabled=${isBusy || items.length === 0 || wrong.length > 0}>Check ${counted(items.length, 'change')}</button></div>
    </form>`;
}

/** @param {Record<string, any>} values @returns {{ items: Item[], wrong: string[] }} */
function itemsOf({ how, secrets = '', who = '', csv = '', action, span, date = '' }) {
  const end = action === 'share' ? endOf(span, date) : null;
  const same = end === null ? {} : { expiresAt: end.toISOString() };
  if (how === 'each') {
    const whoms = listed(who).map((one) => whom(one).request);
    return {
      items: listed(secrets).flatMap((secretId) => whoms.map((one) => ({ secretId, ...one, ...same }))),
      wrong: [],
    };
  }
  const { pairs, wrong } = pairsOf(csv);
  return { items: pairs.map(({ secretId, who: one }) => ({ secretId, ...whom(one).request, ...same })), wrong };
}

/**
 * @param {'share' | 'deny'} action @param {any} body @param {boolean} dryRun @param {ReturnType<typeof createKeys>} keyFor
 * @returns {Promise<components['schemas']['Operation']>}
 */
function begin(action, body, dryRun, keyFor) {
  const params = { query: { dryRun }, header: { 'idempotency-key': keyFor([action, body, dryRun]) } };
  return ask(
    action === 'share' ? api.POST('/v1/bulk/shares', { params, body }) : api.POST('/v1/bulk/denials', { params, body }),
  );
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
  return begin(
    action === 'deny' ? 'deny' : 'share',
    { items, ...(reason && { reason }), ...(ticket && { ticket }) },
    dryRun,
    keyFor,
  );
}
