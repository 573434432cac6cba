import t from 'tap';
import { deref, documentOf, type Operation, operationsOf, type Parameter } from '../document.ts';
import { build, MARY } from '../helper.ts';

/** Every operation, called as Swagger UI calls it when nothing but Execute is pressed. */

type Given = { params?: Record<string, string>; headers?: Record<string, string>; body?: Record<string, unknown> };

const { app, call } = await build(t);
const document = documentOf(app);
const operations = operationsOf(app);

/** These ask about a change that waits, by an id that is another each time. */
const NOTHING_WAITS = ['getApproval', 'approveChange', 'rejectChange', 'withdrawChange', 'getAccessRequest'];

/** What a person must have done before, for there to be something to read or to take back. */
const AFTER: Record<string, string[]> = {
  getShare: ['createShare'],
  revokeShare: ['createShare'],
  getDenial: ['createDenial'],
  revokeDenial: ['createDenial'],
  getRestriction: ['createRestriction'],
  revokeRestriction: ['createRestriction'],
  bulkRevoke: ['createShare'],
  getAuditEvent: ['createShare'],
  deletePolicy: ['createShare'],
};

const etag = async (): Promise<Given> => {
  const { json } = await call('GET', '/v1/secrets/demo%2Fdatabase/policy');
  return { headers: { 'if-match': json.etag } };
};
/** One of others, put beside what there is. */
const statement = async () => {
  const { json, headers } = await call('GET', '/v1/secrets/demo%2Fdatabase/policy');
  const theirs = {
    Effect: 'Allow',
    Principal: { AWS: MARY },
    Action: 'secretsmanager:ListSecretVersionIds',
    Resource: '*',
  };
  const document = { Version: '2012-10-17', Statement: [...(json.policy?.Statement ?? []), theirs] };
  await call('PUT', '/v1/secrets/demo%2Fdatabase/policy', document, { 'if-match': String(headers['etag']) });
  const { json: now } = await call('GET', '/v1/secrets/demo%2Fdatabase/policy');
  return { hash: now.foreignStatements[0].hash, headers: { 'if-match': now.etag } };
};
const operationId = async (): Promise<Given> => {
  const { json } = await run('bulkShare');
  return { params: { operationId: json.id } };
};

const incidentId = async (): Promise<Given> => {
  const { json } = await run('beginIncident');
  await call('GET', `/v1/operations/${json.id}/events`);
  return { params: { incidentId: json.id } };
};

/** What comes from an earlier answer, as the descriptions say. */
const FROM_EARLIER: Record<string, () => Promise<Given>> = {
  putPolicy: etag,
  deletePolicy: etag,
  restoreDrift: etag,
  pruneOrphans: etag,
  async removeStatement() {
    const { hash, headers } = await statement();
    return { params: { statementHash: hash }, headers };
  },
  async adoptStatement() {
    const { hash, headers } = await statement();
    return { headers, body: { hash } };
  },
  async rollBackPolicy() {
    const { json } = await call('GET', '/v1/audit-events?action=share&outcome=applied');
    return { ...(await etag()), body: { changeId: json.items.at(-1).changeId } };
  },
  async getAuditEvent() {
    const { json } = await call('GET', '/v1/audit-events');
    return { params: { eventId: json.items[0].id } };
  },
  async acknowledgeFinding() {
    await run('createShare');
    const { json } = await run('startSurvey');
    await call('GET', `/v1/operations/${json.id}/events`);
    const { json: found } = await call('GET', '/v1/findings');
    const [{ id, etag: seen }] = found.items;
    return { params: { findingId: id }, body: { etag: seen } };
  },
  getIncident: incidentId,
  liftIncident: incidentId,
  listSecretsOfIncident: incidentId,
  getOperation: operationId,
  listOperationItems: operationId,
  watchOperation: operationId,
  cancelOperation: operationId,
};

/** @returns the answer to the first example */
async function run(id: string, index = 0) {
  const found = operations.find(({ operationId }) => operationId === id);
  if (found === undefined) throw new Error(`no operation ${id}`);
  const { path, method, parameters } = found;
  const { params = {}, headers = {}, body = {} } = (await FROM_EARLIER[id]?.()) ?? {};
  const of = (place: Parameter['in']) => parameters.filter((parameter) => parameter.in === place);
  const url = of('path').reduce(
    (so, { name, example }) => so.replace(`{${name}}`, encodeURIComponent(params[name] ?? String(example))),
    path,
  );
  const query = of('query').flatMap(({ name, example }): [string, string][] =>
    example === undefined ? [] : [[name, String(example)]],
  );
  const example = bodiesOf(found)[index];
  return call(
    method as 'GET',
    `${url}${query.length === 0 ? '' : `?${new URLSearchParams(query)}`}`,
    example && { ...example, ...body },
    headers,
  );
}

function bodiesOf({ requestBody }: Operation): Record<string, unknown>[] {
  const { schema } = requestBody?.content['application/json'] ?? {};
  return schema === undefined ? [] : ((deref(schema, document).examples ?? []) as Record<string, unknown>[]);
}

t.test('every operation works in local mode by what is filled in', async (t) => {
  for (const operation of operations) {
    const { operationId: id } = operation;
    if (NOTHING_WAITS.includes(id)) continue;
    const bodies = bodiesOf(operation);
    if (operation.requestBody !== undefined) t.ok(bodies.length > 0, `${id} has an example of its body`);
    for (const index of bodies.length === 0 ? [0] : bodies.keys()) {
      for (const earlier of AFTER[id] ?? []) await run(earlier);
      const { status, body } = await run(id, index);
      t.match(status, /^20[012]$/, `${id}, example ${index + 1} of ${bodies.length || 'its parameters'}`, { body });
    }
  }
});

t.test('a bulk operation carries out what its example asks for', async (t) => {
  for (const id of ['bulkShare', 'bulkDeny', 'bulkRevoke']) {
    if (id === 'bulkRevoke') await run('createShare');
    const { json } = await run(id);
    await call('GET', `/v1/operations/${json.id}/events`);
    const { json: items } = await call('GET', `/v1/operations/${json.id}/items`);
    t.match(items.items[0], { status: /^(applied|unchanged)$/ }, id);
  }
});
