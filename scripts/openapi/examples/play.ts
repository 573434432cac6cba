import { seed, startLocalAws } from '../../../src/local-aws/index.ts';
import { buildWithCallers, ON_CALL } from '../../../test/callers.ts';
import { type ApiOperation, isEndless } from '../../../test/document.ts';
import type { Ending } from '../../../test/ending.ts';
import { survey } from '../../../test/estate/survey.ts';
import { createExecutor } from '../../../test/routes/executing.ts';
import { BEGAN, scrub } from './scrub.ts';

/** By operation, status and media type: what was answered. */
type Examples = Record<string, Record<string, Record<string, unknown>>>;

/** What juniors change waits for the administrators. */
const JUNIORS_WAIT = `
@id("write-by-scope")
permit (principal, action in [Action::"write", Action::"approve"], resource)
when { principal.scopes.contains("policy:write") }
unless { principal.groups.contains("juniors") };

@id("juniors-with-approval")
@approval("secret-admins")
permit (principal, action in Action::"write", resource)
when { principal.groups.contains("juniors") };
`;

/** What examples are of. */
const SECRET = 'demo/database';
/** Until an orphan is taken for one. */
const SEEN_FOR_MS = 10 * 60_000;
const TOM = 'arn:aws:iam::123456789999:user/Tom';
/** Of what is text, as many lines as say how it goes on. */
const LINES = 16;
const STEADY = /\bsecret_access_(?:database_up|queue_depth)\b/;

/**
 * Plays operations against the stand-in for AWS, once for each way to succeed.
 * @param only their ids; all of them without any
 */
export async function playExamples(t: Ending, only: readonly string[] = []): Promise<Examples> {
  let now = BEGAN;
  const clock = () => new Date(now);
  const aws = await startLocalAws({ port: 0, file: ':memory:', clock });
  t.teardown(() => aws.close());
  seed(aws);
  const people = {
    ann: { groups: ['secret-admins', 'payments'], scopes: ON_CALL },
    ben: { groups: ['secret-admins', 'payments', 'juniors'], scopes: ['policy:read', 'access:request'] },
  };
  const built = await buildWithCallers(t, people, {
    policies: { 'write.cedar': JUNIORS_WAIT },
    aws,
    // By a clock that stands still nothing may be asked twice.
    overrides: { clock, aws: { requestsPerSecond: 100_000 } },
  });
  const named = { 'x-request-id': 'req-1', 'user-agent': 'curl/8.14.1' };
  const [ann, ben] = (['ann', 'ben'] as const).map((name) => {
    const call: typeof built.call = (method, url, body, headers) =>
      built.as(name).call(method, url, body, { ...named, ...headers });
    return call;
  }) as [typeof built.call, typeof built.call];
  const { operations, run } = createExecutor({ app: built.app, call: ann });

  /** Nothing goes on, and nothing is left of what was played before. */
  const clear = async () => {
    const { items } = (await ann('GET', '/v1/operations')).json;
    for (const { id, finishedAt } of items) if (finishedAt === null) await ann('GET', `/v1/operations/${id}/events`);
    await ann('DELETE', `/v1/secrets/${encodeURIComponent(SECRET)}/policy`, undefined, { 'if-match': '*' });
  };
  const waiting = async () => {
    const { approvalId, etag } = (await run('createShare', { as: ben })).json;
    return { params: { approvalId, accessRequestId: approvalId }, body: { etag } };
  };
  const asked = async () => ({
    params: { accessRequestId: (await run('requestAccess', { as: ben })).json.approvalId },
  });

  /** One that runs is further at each look. */
  const ended = async () => {
    const { id } = (await run('bulkShare')).json;
    await ann('GET', `/v1/operations/${id}/events`);
    return { params: { operationId: id } };
  };

  /** What is so before, and who calls, where that is not what Execute does. */
  const scenes: Record<string, () => Promise<Parameters<typeof run>[1]>> = {
    getApproval: waiting,
    approveChange: waiting,
    rejectChange: async () => ({ params: (await waiting()).params }),
    withdrawChange: async () => ({ params: (await waiting()).params, as: ben }),
    async listApprovals() {
      await waiting();
      return { as: ben };
    },
    async listSecretsOfPrincipal() {
      await run('createShare', { body: { principal: '222222222222' } });
      return { query: { fresh: 'true' } };
    },
    async getEstate() {
      await survey({ call: ann });
      return {};
    },
    async listFindings() {
      await survey({ call: ann });
      await run('createShare');
      await survey({ call: ann });
      return {};
    },
    async acknowledgeFinding() {
      await survey({ call: ann });
      return {};
    },
    async listAuditEvents() {
      const { changeId } = (await run('createShare')).json;
      return { query: { changeId } };
    },
    getOperation: ended,
    listOperations: ended,
    listOperationItems: ended,
    watchOperation: ended,
    cancelOperation: ended,
    async listIncidents() {
      await run('getIncident');
      return {};
    },
    requestAccess: async () => ({ as: ben }),
    getAccessRequest: async () => ({ ...(await asked()), as: ben }),
    listAccessRequests: async () => ({ ...(await asked()), as: ben }),
    async restoreDrift() {
      await run('createShare');
      aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'DeleteResourcePolicy', { SecretId: SECRET });
      return {};
    },
    async pruneOrphans() {
      aws.directory.createUser({ arn: TOM, policies: [] });
      await run('createShare', { body: { principal: TOM } });
      aws.directory.deletePrincipal(TOM);
      await run('getPolicy');
      now += SEEN_FOR_MS;
      return {};
    },
  };
  const afterShare = ['rollBackPolicy', 'listShares', 'getPolicy', 'listReaders', 'checkAccess', 'exportManifest'];
  for (const id of afterShare) scenes[id] = async () => void (await run('createShare'));

  async function play(operation: ApiOperation, status: string, type: string): Promise<string> {
    const { operationId: id, responses, parameters } = operation;
    now += 1_000;
    await clear();
    const before = await scenes[id]?.();
    const waits = status === '202' && '200' in responses && !/Incident$/.test(id);
    const rehearsed = status === '200' && '202' in responses && /Incident$/.test(id);
    if (status === '200' && '201' in responses) await run(id);
    const takesLimit = parameters.some(({ name }) => name === 'limit');
    const answer = await run(id, {
      ...before,
      ...(waits && { as: ben }),
      query: { ...(takesLimit && { limit: '1' }), ...before?.query, ...(rehearsed && { dryRun: 'true' }) },
      headers: { ...(takesAccept(operation) && { accept: type }) },
    });
    if (String(answer.status) !== status) throw new Error(`${id} answers ${answer.status}: ${answer.body}`);
    return scrub(answer.body, now);
  }

  await survey({ call: ann });
  const examples: Examples = {};
  for (const operation of operations) {
    if (only.length > 0 && !only.includes(operation.operationId)) continue;
    const ofStatus: Examples[string] = {};
    for (const [status, { content = {} }] of Object.entries(operation.responses)) {
      if (!status.startsWith('2')) continue;
      const ofType: Record<string, unknown> = {};
      for (const type of Object.keys(content)) {
        const body = await play(operation, status, type);
        ofType[type] = type === 'application/json' ? JSON.parse(body) : partOf(type, body);
      }
      ofStatus[status] = ofType;
    }
    examples[operation.operationId] = ofStatus;
  }
  return examples;
}

const takesAccept = (operation: ApiOperation): boolean =>
  !isEndless(operation) && Object.keys(operation.responses['200']?.content ?? {}).length > 1;

/** Of figures those that are always the same. */
const partOf = (type: string, text: string): string => {
  const lines = text.split('\n');
  return (type === 'text/plain' ? lines.filter((line) => STEADY.test(line)) : lines).slice(0, LINES).join('\n');
};
