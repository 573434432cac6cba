import { DatabaseSync } from 'node:sqlite';
import t, { type Test } from 'tap';
import type { ProblemCode } from '../../src/problems/table.ts';
import { accessDenied, type Fault, forGood, startFaultProxy, throttling } from '../aws/fault-proxy.ts';
import { buildWithCallers, ON_CALL } from '../callers.ts';
import type { ApiOperation } from '../document.ts';
import { survey } from '../estate/survey.ts';
import { MARY } from '../helper.ts';
import { SHARES_WAIT } from '../routes/approvals.ts';
import { playOperations } from './operations-played.ts';

/** What any operation may refuse with, whatever it does. */

const SECRET = '/v1/secrets/demo%2Fdatabase';
const ELSEWHERE = 'arn:aws-cn:secretsmanager:cn-north-1:111111111111:secret:demo-AbCdEf';
const proxies: Awaited<ReturnType<typeof startFaultProxy>>[] = [];

let minutes = 0;
const clock = () => new Date(Date.now() + minutes * 60_000);

/** The service with one of everything that operations name: a change that waits, entries, a bulk operation, an event. */
async function createWorld(t: Test) {
  const built = await buildWithCallers(
    t,
    {
      mary: { groups: ['payments'] },
      sam: { groups: ['security', 'payments'], scopes: ON_CALL },
      nobody: { scopes: [] },
    },
    {
      policies: { 'write.cedar': SHARES_WAIT },
      // While AWS does not answer, all of them may take that long; while it does, a busy machine less.
      overrides: { clock, aws: { deadlineMs: 15_000, requestsPerSecond: 10_000 } },
      async endpoint(aws) {
        const proxy = await startFaultProxy({ target: aws.url });
        proxies.push(proxy);
        t.teardown(() => proxy.close());
        return proxy.url;
      },
    },
  );
  const mary = built.as('mary');
  // Nothing is of an estate that was never surveyed.
  await survey(mary);
  const made = async (list: string, body: object) => (await mary.post(`${SECRET}/${list}`, body)).json;
  const { approvalId } = await made('shares', { principal: MARY });
  const { denial } = await made('denials', { principal: MARY });
  const { restriction, etag, changeId } = await made('restrictions', { boundary: { organization: 'o-local00001' } });
  const items = [{ secretId: 'demo/database', principal: MARY }];
  const operation = (await mary.post('/v1/bulk/denials?dryRun=true', { items })).json;
  const [event] = (await mary.get('/v1/audit-events')).json.items;
  const params: Record<string, string> = {
    ...{ secretId: 'demo/database', shareId: 'f'.repeat(24), denialId: denial.id, restrictionId: restriction.id },
    ...{
      approvalId,
      accessRequestId: approvalId,
      operationId: operation.id,
      eventId: event.id,
      findingId: 'f'.repeat(24),
      statementHash: 'f'.repeat(24),
      incidentId: '01890a5d-ac96-774b-bcce-b302099a8057',
      templateName: 'deny-principal',
      principal: '222222222222',
      code: 'forbidden',
    },
  };
  const later = () => {
    minutes += 1;
  };
  return { ...built, params, asker: 'sam' as const, etag: String(etag), changeId: String(changeId), later };
}

const world = await createWorld(t);
const { operations, compare } = playOperations(world);
const [proxy] = proxies;

const namesSecret = ({ path, operationId }: ApiOperation) =>
  path.includes('{secretId}') || operationId === 'checkAuthorization';

/** Who may not even look is not told that there is something to decide; who asked is told to leave it to others. */
const decides = ({ operationId }: ApiOperation) => operationId === 'approveChange' || operationId === 'rejectChange';

const ends = ({ operationId }: ApiOperation) => /^reject|^withdraw/.test(operationId);

t.test('forbidden', async (t) => {
  await compare(
    t,
    'forbidden',
    operations.filter((operation) => !decides(operation)),
    { as: 'nobody' },
  );
  await compare(t, 'forbidden', operations.filter(decides), { as: 'mary' });
});
t.test('secret-not-found', (t) =>
  compare(t, 'secret-not-found', operations.filter(namesSecret), { params: { secretId: 'nothing' } }),
);
t.test('partition-mismatch', (t) =>
  compare(t, 'partition-mismatch', operations.filter(namesSecret), { params: { secretId: ELSEWHERE } }),
);

const UNREADABLE = JSON.stringify({ ARN: 'arn:aws:secretsmanager:…', ResourcePolicy: 'nonsense' });
const FAULTS: [ProblemCode, Fault, string?][] = [
  ['aws-unreachable', { do: 'drop', when: 'before' }],
  ['aws-throttled', forGood(throttling)],
  ['aws-access-denied', accessDenied('secretsmanager:DescribeSecret')],
  ['aws-error', { do: 'answer', status: 400, error: 'SomethingNewException' }],
  ['policy-unreadable', { do: 'reply', body: UNREADABLE }, 'GetResourcePolicy'],
];
for (const [code, fault, operation = '*'] of FAULTS) {
  t.test(code, async (t) => {
    const repair = proxy?.inject(operation, fault);
    // Last what may well be done meanwhile: a change that was rejected can't be approved.
    await compare(
      t,
      code,
      operations.filter((operation) => !ends(operation)),
    );
    await compare(t, code, operations.filter(ends));
    repair?.();
  });
}

t.test('audit-unavailable', async (t) => {
  const database = new DatabaseSync(world.env.DATABASE_URL.slice('sqlite:'.length));
  const tables = database.prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'");
  for (const { name } of tables.all()) database.exec(`drop table ${name}`);
  database.close();
  await compare(t, 'audit-unavailable', operations);
});
