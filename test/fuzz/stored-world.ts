import { type Kysely, sql } from 'kysely';
import type { Test } from 'tap';
import { connect } from '../../src/database/connect.ts';
import { behindOthers } from '../behind-others.ts';
import { buildWithCallers } from '../callers.ts';
import { APP_ROLE, MARY } from '../helper.ts';
import { approve, SHARES, SHARES_WAIT } from '../routes/approvals.ts';
import { until } from '../wait.ts';
import { readTables, type Tables } from './database-edits.ts';

/** A service whose database holds something of everything that is acted on later, in every state. */

const DIRECT = `${SHARES_WAIT}
@id("direct")
permit (principal, action in Action::"write", resource)
when { principal.groups.contains("direct") };
`;
const SECRETS = ['demo/database', 'demo/api-key', 'demo/default-key'];
const GONE = 'arn:aws:iam::222222222222:role/gone';
const DAY_MS = 86_400_000;

function must({ status, body }: { status: number; body: string }, expected: number | undefined): void {
  if (status !== expected) throw new Error(`It was answered ${status}: ${body}`);
}

/** By what they are told apart. */
export const STORED = {
  operations: ['id'],
  operation_items: ['operation_id', 'position'],
  approvals: ['id'],
  idempotency_keys: ['id'],
};

export type StoredWorld = Awaited<ReturnType<typeof createStoredWorld>>;

export async function createStoredWorld(t: Test, url?: string) {
  let ahead = 0;
  const service = await buildWithCallers(
    t,
    {
      ann: { groups: ['direct', 'payments', 'platform'] },
      mary: { groups: ['payments', 'security'] },
      sam: { groups: ['security'] },
    },
    {
      policies: { 'write.cedar': DIRECT },
      overrides: { clock: () => new Date(Date.now() + ahead) },
      ...(url !== undefined && { env: { DATABASE_URL: url } }),
    },
  );
  const { as, aws, app, env, keys } = service;
  const database = await connect(env.DATABASE_URL, { as: 'tool' });
  t.teardown(() => database.close());
  const on = database.kysely as Kysely<unknown>;
  const names = Object.keys(STORED);

  const earlier: Tables = {};
  async function note(): Promise<Tables> {
    const tables = await readTables(on, names);
    for (const [table, rows] of Object.entries(tables)) {
      const known = new Set((earlier[table] ?? []).map((row) => JSON.stringify(row)));
      earlier[table] = [...(earlier[table] ?? []), ...rows.filter((row) => !known.has(JSON.stringify(row)))];
    }
    return tables;
  }

  const operation = async (path: string, items: object[]) => {
    const { status, json, body } = await as('ann').post(`/v1/bulk/${path}`, { items });
    if (status !== 202) throw new Error(body);
    await note();
    return json.id as string;
  };
  const find = async (id: string) => (await as('ann').get(`/v1/operations/${id}`)).json;
  const end = async (id: string) => {
    await until(async () => (await find(id)).finishedAt !== null);
    await note();
    return find(id);
  };
  const wait = async (principal: string) => {
    const { json } = await as('mary').post(SHARES, { principal });
    await note();
    return json.approvalId as string;
  };
  const keyed = (key: string, method: 'POST' | 'DELETE', path: string, body?: object) => {
    const ask = () => as('ann').call(method, path, body, { 'idempotency-key': key });
    return ask;
  };
  const revoke = async (secret: string, principal: string) => {
    const shares = `/v1/secrets/${encodeURIComponent(secret)}/shares`;
    for (const { id, principal: of } of (await as('ann').get(shares)).json.items)
      if (of === principal) await as('ann').delete(`${shares}/${id}`);
  };

  const expired = await wait('arn:aws:iam::222222222222:role/late');
  ahead = DAY_MS + 1_000;
  await app.services.approvals.finisher.run();
  // With PostgreSQL it is the database’s clock that counts.
  if (url !== undefined) must(await as('sam').post(`/v1/approvals/${expired}/reject`, {}), 200);

  const replays = [
    keyed('k-1', 'POST', SHARES, { principal: APP_ROLE }),
    keyed('k-2', 'DELETE', `${SHARES}/${'f'.repeat(24)}`),
    keyed('k-3', 'POST', '/v1/secrets/demo%2Fdatabase/denials', { principal: '333333333333' }),
  ];
  for (const [index, ask] of replays.entries()) must(await ask(), [201, 404, 201][index]);
  const answers = await Promise.all(replays.map((ask) => ask()));

  await end(await operation('shares?dryRun=true', [{ secretId: 'demo/api-key', principal: APP_ROLE }]));
  const both = SECRETS.slice(0, 2).map((secretId) => ({ secretId, principal: MARY }));
  const { counts } = await end(await operation('shares', [...both, { secretId: 'nothing', principal: MARY }]));
  if (counts.applied !== 2 || counts.failed !== 1) throw new Error(JSON.stringify(counts));
  for (const secret of SECRETS) await revoke(secret, MARY);
  // Of the others nothing is left here. Sometimes it is faster than who cancels it.
  const items = behindOthers({ secretId: 'demo/default-key', principal: APP_ROLE });
  for (let cancelled = 0; cancelled === 0; ) {
    const { id } = (await as('ann').post('/v1/bulk/shares', { items })).json;
    await as('ann').post(`/v1/operations/${id}/cancel`);
    await until(async () => (await find(id)).finishedAt !== null);
    await sql`delete from operation_items where operation_id = ${id} and position < ${items.length - 1}`.execute(on);
    cancelled = (await end(id)).counts.cancelled;
    await revoke('demo/default-key', APP_ROLE);
  }

  const applied = await wait(MARY);
  must(await approve(service, 'sam', applied), 200);
  await note();
  await revoke('demo/database', MARY);
  const rejected = await wait('222222222222');
  must(await as('sam').post(`/v1/approvals/${rejected}/reject`, { reason: 'no' }), 200);
  await note();
  aws.directory.createRole({ arn: GONE, accessKeyId: 'LOCALGONE', policies: [] });
  const failed = await wait(GONE);
  aws.directory.deletePrincipal(GONE);
  must(await approve(service, 'sam', failed), 422);
  await note();
  const pending = await wait('444444444444');
  /** Not held to the document: forged rows have what no answer of ours has. */
  const look = async (name: 'ann' | 'sam', url: string) => {
    const { statusCode: status, body } = await app.inject({ url, headers: { 'x-api-key': keys[name] } });
    return { status, body };
  };
  const shown = async (id: string) => {
    const { status, body } = await look('sam', `/v1/approvals/${id}`);
    return { status, json: JSON.parse(body) };
  };

  return {
    ...service,
    on,
    earlier,
    tables: await note(),
    replays,
    answers,
    shown,
    look,
    approvals: { expired, applied, rejected, failed, pending },
    /** When this is over, the worker has looked at everything that was there before. */
    async workedOn() {
      for (let turn = 0; turn < 2; turn += 1) {
        const items = [{ secretId: 'demo/database', principal: '333333333333' }];
        const { json } = await as('ann').post('/v1/bulk/denials?dryRun=true', { items });
        await until(async () => (await find(json.id)).finishedAt !== null);
      }
    },
    /** As AWS has them. */
    policies: () =>
      SECRETS.map(
        (secret) =>
          aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'GetResourcePolicy', { SecretId: secret })[
            'ResourcePolicy'
          ] ?? null,
      ),
  };
}
