import { type ApiOperation, deref, documentOf, operationsOf, type Parameter } from '../document.ts';
import { type build, type Call, MARY } from '../helper.ts';

type Given = { params?: Record<string, string>; headers?: Record<string, string>; body?: Record<string, unknown> };
type How = {
  /** Which of the examples of the body. */
  index?: number;
  /** Who calls; whoever prepares it unless told. */
  as?: Call;
  query?: Record<string, string>;
} & Given;

/** What a person must have done before, for there to be something to read or to take back. */
const AFTER: Record<string, string[]> = {
  getShare: ['createShare'],
  getShareInstructions: ['createShare'],
  revokeShare: ['createShare'],
  getDenial: ['createDenial'],
  revokeDenial: ['createDenial'],
  getRestriction: ['createRestriction'],
  revokeRestriction: ['createRestriction'],
  bulkRevoke: ['createShare'],
  getAuditEvent: ['createShare'],
  deletePolicy: ['createShare'],
};

/** Calls operations as Swagger UI does when nothing but Execute is pressed. */
export function createExecutor({ app, call }: Pick<Awaited<ReturnType<typeof build>>, 'app'> & { call: Call }) {
  const document = documentOf(app);
  const operations = operationsOf(app);

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
  const fromEarlier: Record<string, () => Promise<Given>> = {
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

  /** @returns the answer to what is filled in, once what has to be there before is there */
  async function run(id: string, { index = 0, as = call, query = {}, ...said }: How = {}) {
    const found = operations.find(({ operationId }) => operationId === id);
    if (found === undefined) throw new Error(`no operation ${id}`);
    for (const earlier of AFTER[id] ?? []) await run(earlier);
    const { path, method, parameters } = found;
    const earlier = (await fromEarlier[id]?.()) ?? {};
    const params = { ...earlier.params, ...said.params };
    const of = (place: Parameter['in']) => parameters.filter((parameter) => parameter.in === place);
    const url = of('path').reduce(
      (so, { name, example }) => so.replace(`{${name}}`, encodeURIComponent(params[name] ?? String(example))),
      path,
    );
    const filledIn = of('query').flatMap(({ name, example }): [string, string][] =>
      example === undefined ? [] : [[name, String(example)]],
    );
    const asked = new URLSearchParams({ ...Object.fromEntries(filledIn), ...query });
    const example = bodiesOf(found)[index];
    return as(
      method as 'GET',
      `${url}${asked.size === 0 ? '' : `?${asked}`}`,
      example && { ...example, ...earlier.body, ...said.body },
      { ...earlier.headers, ...said.headers },
    );
  }

  function bodiesOf({ requestBody }: ApiOperation): Record<string, unknown>[] {
    const { schema } = requestBody?.content['application/json'] ?? {};
    return schema === undefined ? [] : ((deref(schema, document).examples ?? []) as Record<string, unknown>[]);
  }

  return { operations, bodiesOf, run };
}
