import t from 'tap';
import { build } from '../helper.ts';
import { createExecutor } from './executing.ts';

/** Every operation, called as Swagger UI calls it when nothing but Execute is pressed. */

const built = await build(t);
const { call } = built;
const { operations, bodiesOf, run } = createExecutor(built);

/** These ask about a change that waits, by an id that is another each time. */
const NOTHING_WAITS = ['getApproval', 'approveChange', 'rejectChange', 'withdrawChange', 'getAccessRequest'];

t.test('every operation works in local mode by what is filled in', async (t) => {
  for (const operation of operations) {
    const { operationId: id } = operation;
    if (NOTHING_WAITS.includes(id)) continue;
    const bodies = bodiesOf(operation);
    if (operation.requestBody !== undefined) t.ok(bodies.length > 0, `${id} has an example of its body`);
    for (const index of bodies.length === 0 ? [0] : bodies.keys()) {
      const { status, body } = await run(id, { index });
      t.match(status, /^20[012]$/, `${id}, example ${index + 1} of ${bodies.length || 'its parameters'}`, { body });
    }
  }
});

t.test('a bulk operation carries out what its example asks for', async (t) => {
  for (const id of ['bulkShare', 'bulkDeny', 'bulkRevoke']) {
    const { json } = await run(id);
    await call('GET', `/v1/operations/${json.id}/events`);
    const { json: items } = await call('GET', `/v1/operations/${json.id}/items`);
    t.match(items.items[0], { status: /^(applied|unchanged)$/ }, id);
  }
});
