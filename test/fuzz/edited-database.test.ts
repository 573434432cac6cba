import t, { type Test } from 'tap';
import { createRandom } from '../faults/random.ts';
import { APP_ROLE, MARY } from '../helper.ts';
import { startPostgres } from '../postgres.ts';
import { isLong, runs, SEED } from '../runs.ts';
import { type Editing, editOne, type Row, readTables, type Tables, writeTables } from './database-edits.ts';
import { createStoredWorld, STORED, type StoredWorld } from './stored-world.ts';

/**
 * Somebody with write access to the database, and nothing else, edits what is stored to be done later: nothing is done of
 * it, nobody gets access, and no answer is another than it was.
 */

const EDITS = runs(10, 200, 1_000);
/** One after another, before the service gets to look. */
const EDITS_AT_ONCE = 10;

const LATER = new Date(Date.now() + 10 * 86_400_000).toISOString();
const SYSTEM = { subject: 'secret-access-service', issuer: null, method: 'system', groups: [], scopes: [] };
const POOL = [
  ...[MARY, APP_ROLE, '222222222222', 'secretsmanager:*', 'demo/database', 'demo/api-key', 'ann', 'sam', 'mary'],
  ...['share', 'deny', 'survey', 'pending', 'running', 'approved', 'applied', 'rejected', 'done', 'security', 'direct'],
  ...['x', '', '{', 'null', '[]', '{}', '5', LATER, true, false, null, 0, 5, 1e15, {}, [], SYSTEM],
  { principal: '222222222222', actions: ['secretsmanager:*'], acknowledgeEscalation: true },
];

/** Nobody works on it, and it is to be done: what an attacker would set besides. */
const AWAKE: Record<string, Row> = {
  operations: { status: 'running', finished_at: null, lease_until: 0 },
  operation_items: { status: 'pending', result: null },
  approvals: { status: 'approved', lease_until: 0 },
  idempotency_keys: { lease_until: 0 },
};

/** What may be on record of the service's own, or of the test's, doing. */
const HARMLESS = ['refuseStored', 'startOperation', 'expireApproval'];

async function hold(t: Test, url?: string) {
  const world = await createStoredWorld(t, url);
  const { on, earlier, tables, as, app, look } = world;
  const random = createRandom(SEED);
  const editing: Editing = { random, keys: STORED, pool: POOL, earlier };
  const policies = JSON.stringify(world.policies());
  const approvals = await immutable(world);
  const applied = () => app.services.journal.list({ outcome: 'applied' }, { limit: 100 });
  let newest = (await applied()).items[0]?.sequence ?? 0;
  const awake = (table: string, rows: readonly Row[]) =>
    rows.map((row) => (random.chance(0.6) ? { ...row, ...AWAKE[table] } : row));

  /** @returns what was done */
  async function edit(): Promise<string[]> {
    const done: string[] = [];
    let now: Tables = tables;
    for (let count = 0; count < EDITS_AT_ONCE; count += 1) {
      const { table, rows, what } = editOne(editing, now);
      // What is as it was is made to be done again, too.
      const edited = Object.fromEntries(
        Object.entries({ ...now, [table]: rows }).map(([name, all]) => [
          name,
          random.chance(0.3) ? awake(name, all) : all,
        ]),
      );
      if (await writeTables(on, edited)) now = edited;
      else done.push('refused by the database itself:');
      done.push(what);
    }
    return done;
  }

  /** @returns what must not be */
  async function lookAround(): Promise<string[]> {
    const found: string[] = [];
    await app.services.approvals.finisher.run();
    await world.workedOn();
    for (const [index, ask] of world.replays.entries()) found.push(...replayed(await ask(), world.answers[index]));
    for (const { status, body } of [await look('ann', '/v1/operations'), await look('sam', '/v1/approvals')])
      if (status !== 200 && status !== 503) found.push(`a list answers ${status} ${body}`);
    const rows = (await readTables(on, ['approvals']))['approvals'] ?? [];
    for (const { id } of rows) found.push(...(await tried(world, String(id), approvals)));
    if (!(await writeTables(on, tables))) throw new Error('It can’t be undone.');
    if (JSON.stringify(world.policies()) !== policies) found.push('a policy was changed');
    const { items } = await applied();
    const more = items.filter(({ action, sequence }) => sequence > newest && !HARMLESS.includes(action));
    newest = items[0]?.sequence ?? newest;
    return [...found, ...more.map(({ action, changeId }) => `${action} applied: ${changeId}`)];
  }

  for (let edits = 0; edits < EDITS; edits += EDITS_AT_ONCE) {
    const done = await edit();
    const found = await lookAround();
    t.same(found, [], done.join('\n'));
    if (found.length > 0) break;
  }

  const metrics = (await as('sam').get('/metrics')).body;
  const counts = [...metrics.matchAll(/unauthentic_stored_total\{kind="(\w+)"\} (\d+)/g)];
  t.comment(`reported: ${counts.map(([, kind, count]) => `${kind} ${count}`).join(', ')}`);
  t.ok(
    counts.some(([, , count]) => Number(count) > 0),
    'what is forged is reported',
  );
  t.match((await as('sam').get('/v1/audit-events/verification')).json, { intact: true });
}

const immutable = async ({ approvals, shown }: StoredWorld) =>
  new Map(await Promise.all(Object.values(approvals).map(async (id) => [id, asked((await shown(id)).json)] as const)));

/** What was asked for, which no edit may change. */
const asked = ({
  approvalId,
  group,
  secret,
  action,
  request,
  reason,
  ticket,
  requestedBy,
  requestedAt,
  expiresAt,
}: Row) =>
  JSON.stringify([approvalId, group, secret, action, request, reason, ticket, requestedBy, requestedAt, expiresAt]);

/** What is seen of an approval is what was asked for, and it can't be decided on again. */
async function tried({ as, shown, approvals }: StoredWorld, id: string, known: Map<string, string>): Promise<string[]> {
  const { status, json } = await shown(encodeURIComponent(id) || 'x');
  if (status === 500) return [`approval ${id} answers ${status}`];
  if (status !== 200) return [];
  if (asked(json) !== known.get(id)) return [`approval ${id} is ${JSON.stringify(json)}`];
  // That one it would be right to approve.
  if (id === approvals.pending) return [];
  const answer = await as('sam').post(`/v1/approvals/${id}/approve`, { etag: json.etag ?? '"none"' });
  return answer.status < 300 ? [`approval ${id} was approved: ${answer.body}`] : [];
}

type Answered = Awaited<ReturnType<StoredWorld['replays'][number]>>;

/** The answer of then; or the request was carried out anew, which changes nothing; or it can't be told just now. */
function replayed(now: Answered, then: Answered | undefined): string[] {
  if (now.headers['idempotency-replayed'] !== undefined)
    return now.status === then?.status && now.body === then.body ? [] : [`it was replayed: ${now.status} ${now.body}`];
  if (now.json?.changed === false || now.json?.code === then?.json.code || now.status === 409) return [];
  return [`it was answered ${now.status} ${now.body}`];
}

t.test(`${EDITS} random edits of what a SQLite file stores have no effect`, (t) => hold(t));

t.test(`${EDITS} of what PostgreSQL stores`, { skip: isLong ? false : 'in npm run test:long' }, async (t) => {
  const postgres = await startPostgres(t);
  await hold(t, await postgres.freshDatabase());
});
