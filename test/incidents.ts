import type { Test } from 'tap';
import { seed, seedEstate, startLocalAws } from '../src/local-aws/index.ts';
import type { PolicyDocument } from '../src/policy/document.ts';
import type { Call } from './helper.ts';

type Answer = ReturnType<Call>;
type Caller = { get(url: string): Answer; post(url: string, body?: unknown): Answer };
type Incident = Awaited<Answer>['json'];

/** A stand-in with the secrets of several accounts, as long as the test runs; and what their owner asks it. */
export async function startEstate(t: Test) {
  const aws = await startLocalAws({ port: 0, file: ':memory:' });
  seed(aws);
  seedEstate(aws);
  t.teardown(() => aws.close());
  const owner = (operation: string, input: object) =>
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', operation, input);
  const policyOf = (SecretId: string): PolicyDocument | null => {
    const text = owner('GetResourcePolicy', { SecretId })['ResourcePolicy'];
    return text === undefined ? null : JSON.parse(String(text));
  };
  return { aws, owner, policyOf };
}

/** Incidents as whoever is on call begins and lifts them, each call waiting for the end of its operation. */
export function incidentsOf(oncall: Caller) {
  const find = async (id: string): Promise<Incident> => (await oncall.get(`/v1/incidents/${id}`)).json;

  async function ended(answer: Awaited<Answer>, operationOf: (incident: Incident) => string): Promise<Incident> {
    if (answer.status !== 202) throw new Error(JSON.stringify(answer.json));
    // The stream ends with it: nobody has to ask again and again.
    await oncall.get(`/v1/operations/${operationOf(answer.json)}/events`);
    return find(answer.json.id);
  }
  return {
    find,
    begin: async (body: object, who = oncall): Promise<Incident> =>
      ended(await who.post('/v1/incidents', body), ({ id }) => id),
    lift: async (id: string, who = oncall): Promise<Incident> =>
      ended(await who.post(`/v1/incidents/${id}/lift`, { reason: 'All clear' }), ({ lift }) => lift.id),
  };
}
