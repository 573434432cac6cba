import { join } from 'node:path';
import { sql } from 'kysely';
import t from 'tap';
import type { Approval } from '../../src/access/approvals/approval.ts';
import { sealOperation } from '../../src/access/bulk/sealed-operations.ts';
import type { Requester } from '../../src/access/identity.ts';
import { createApprovalStore } from '../../src/database/approvals.ts';
import { connect } from '../../src/database/connect.ts';
import { steps } from '../../src/database/migrations/index.ts';
import { createOperationStore } from '../../src/database/operations/store.ts';
import { seed, startLocalAws } from '../../src/local-aws/index.ts';
import { draft, outcome } from '../audit/draft.ts';
import { patientJournal } from '../audit/patient-journal.ts';
import { SEAL } from '../command-key.ts';
import { build, MARY } from '../helper.ts';
import { until } from '../wait.ts';

/** What the version after this one leaves: more columns and tables, a step of its own, and work of a kind that only it knows. */
async function leaveTomorrow(url: string, arn: string): Promise<void> {
  const database = await connect(url);
  const { kysely } = database;
  for (const { name } of await kysely.introspection.getTables())
    await sql`alter table ${sql.table(name)} add column of_tomorrow text not null default 'x'`.execute(kysely);
  await sql`create table tomorrow (id text primary key)`.execute(kysely);
  const name = `9999-tomorrow.beside-${String(Object.keys(steps).length).padStart(4, '0')}`;
  await sql`insert into kysely_migration (name, timestamp) values (${name}, '2100-01-01')`.execute(kysely);
  const journal = patientJournal({ database, clock: () => new Date() });
  await journal.append(ofTomorrow([draft(), outcome()]));
  const { order, items } = sealOperation(
    SEAL,
    ofTomorrow({
      id: OPERATION,
      action: 'share',
      dryRun: false,
      reason: null,
      ticket: null,
      requester,
      notAfter: LATER,
    }),
    [{ changeId: OPERATION, secretId: 'demo/database', request: {} }],
  );
  await createOperationStore(database, () => new Date()).create(order, items);
  const { status, decision, problem, ...asked } = ofTomorrow<Approval>({
    ...{ id: OPERATION, status: 'pending', group: 'local', requestedAt: LATER, expiresAt: LATER },
    asked: {
      ...{
        changeId: OPERATION,
        requester,
        action: 'share',
        secretId: arn,
        request: {},
        reason: null,
        ticket: null,
      },
      ...{ ifMatch: null, ifNoneMatch: false, dryRun: false },
    },
    guard: { action: 'share', context: { escalates: false } },
    secret: { arn: arn, name: 'prod/db', account: '111111111111', region: 'us-east-1', tags: {} },
    ...{ summary: 'It is at two places.', effect: { gains: [], loses: [] }, diff: [], warnings: [] },
    ...{ decision: null, problem: null },
  });
  const approval = { ...asked, status, decision, problem, seal: SEAL.of('approval', asked) };
  await createApprovalStore({ database, clock: () => new Date() }).add(approval);
  await database.close();
}

const OPERATION = '01890a5d-ac96-774b-bcce-000000000001';
const LATER = '2100-01-01T00:00:00.000Z';
const requester: Requester = {
  identity: { subject: 'local', issuer: null, method: 'jwt', groups: [], scopes: [] },
  ...{ source: { ip: null, userAgent: null }, requestId: null, traceId: null },
};
/** The same, of an action that no type of this version has. */
const ofTomorrow = <T>(known: T): T =>
  JSON.parse(JSON.stringify(known).replaceAll('"action":"share"', '"action":"replicate"'));

t.test('on what the next version made of the database, this one works', async (t) => {
  const url = `sqlite:${join(t.testdir({}), 'audit.db')}`;
  const aws = await startLocalAws({ port: 0, file: ':memory:' });
  t.teardown(() => aws.close());
  seed(aws);
  const { ARN } = aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'DescribeSecret', { SecretId: 'demo/api-key' });
  await leaveTomorrow(url, String(ARN));
  const { call, app } = await build(t, { aws, env: { DATABASE_URL: url } });
  /** What this version's contract does not know is in the answer. */
  const newer = async (path: string) => {
    const answer = await app.inject(path);
    t.equal(answer.statusCode, 200, answer.body);
    return answer.json();
  };
  const secret = '/v1/secrets/demo%2Fdatabase';
  const headers = { 'idempotency-key': 'one' };
  const shared = await call('POST', `${secret}/shares`, { principal: MARY }, headers);
  t.equal(shared.status, 201);
  t.same((await call('POST', `${secret}/shares`, { principal: MARY }, headers)).json, shared.json);
  t.equal((await call('DELETE', `${secret}/shares/${shared.json.share.id}`)).status, 200);
  const items = [{ secretId: 'demo/api-key', principal: MARY, expiresIn: '30d' }];
  const location = String((await call('POST', '/v1/bulk/shares', { items })).headers['location']);
  await until(async () => (await call('GET', location)).json.finishedAt !== null);
  t.match((await call('GET', location)).json, { counts: { applied: 1 } });
  t.match((await call('GET', '/v1/audit-events/verification')).json, { intact: true, events: 9 });

  t.equal((await newer('/v1/audit-events?limit=100')).items.at(-1).action, 'replicate');
  const [, operation] = (await newer('/v1/operations')).items;
  t.match(operation, { action: 'replicate', status: 'running', counts: { pending: 1 } }, 'nobody has taken it up');
  const [waiting] = (await newer('/v1/approvals')).items;
  t.match(waiting, { action: 'replicate', problem: { code: 'stored-command-refused' } }, 'and nobody can approve it');
});
