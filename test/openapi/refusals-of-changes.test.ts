import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  PutResourcePolicyCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import type { ProblemCode } from '../../src/problems/table.ts';
import { accessDenied, type Fault, type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { buildWithCallers, ON_CALL } from '../callers.ts';
import { APP_ROLE, MARY } from '../helper.ts';
import { approve, SHARES_WAIT } from '../routes/approvals.ts';
import { type How, playOperations } from './operations-played.ts';

/** What changes refuse with: each of them has something to change here. */

const SECRET = '/v1/secrets/demo%2Fdatabase';
const GONE = 'arn:aws:iam::222222222222:role/gone';
const GROUP = 'arn:aws:iam::123456789999:group/admins';
const READ = 'secretsmanager:GetSecretValue';
const letsRead = (AWS: string) => ({ Effect: 'Allow', Principal: { AWS }, Action: READ, Resource: '*' });
const WRITE = ['secretsmanager:PutSecretValue'];

/** olga need not wait. */
const OLGA_SHARES = `
@id("olga-shares")
permit (principal, action in [Action::"share", Action::"replacePolicy"], resource)
when { principal.groups.contains("ops") };
`;

let minutes = 0;
let proxy: FaultProxy | undefined;
const built = await buildWithCallers(
  t,
  {
    mary: { groups: ['payments'] },
    olga: { groups: ['security', 'payments', 'ops'], scopes: [...ON_CALL, 'access:request'] },
  },
  {
    policies: { 'write.cedar': SHARES_WAIT + OLGA_SHARES },
    overrides: { clock: () => new Date(Date.now() + minutes * 60_000), aws: { requestsPerSecond: 10_000 } },
    async endpoint(aws) {
      proxy = await startFaultProxy({ target: aws.url });
      return proxy.url;
    },
  },
);
t.teardown(() => proxy?.close());
const { aws, as } = built;
const [mary, olga] = [as('mary'), as('olga')];
const owner = new SecretsManagerClient({
  region: 'us-east-1',
  endpoint: aws.url,
  credentials: { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' },
});
t.teardown(() => owner.destroy());
const SecretId = String((await olga.get(SECRET)).json.arn);
const policyNow = async () => (await olga.get(`${SECRET}/policy`)).json;
let asked = 500_000_000_000;
const askForShare = async (): Promise<string> => {
  asked += 1;
  return (await mary.post(`${SECRET}/shares`, { principal: String(asked) })).json.approvalId;
};

/** A share, a denial, a restriction, one of somebody who was deleted, one of others, and one that others dropped. */
async function makeWorld() {
  aws.directory.createRole({ arn: GONE, policies: [] });
  const { json: shared } = await approve(built, 'olga', await askForShare());
  const make = async (list: string, body: object) => (await olga.post(`${SECRET}/${list}`, body)).json;
  const { denial } = await make('denials', { principal: APP_ROLE });
  const { denial: dropped } = await make('denials', { account: '333333333333', actions: WRITE });
  await make('denials', { principal: GONE, actions: ['secretsmanager:DescribeSecret'] });
  const { restriction, changeId } = await make('restrictions', { boundary: { organization: 'o-local00002' } });
  const { policy } = await policyNow();
  const others = { Sid: 'Reporting', ...letsRead(APP_ROLE) };
  const kept = policy.Statement.filter((statement: object) => !JSON.stringify(statement).includes('333333333333'));
  const ResourcePolicy = JSON.stringify({ ...policy, Statement: [...kept, others] });
  await owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy }));
  aws.directory.deletePrincipal(GONE);
  const { missing, foreignStatements } = await policyNow();
  if (missing.length !== 1 || missing[0].id !== dropped.id) throw new Error('Others dropped something else.');
  // Who was deleted is believed when it is seen again.
  await olga.post(`${SECRET}/policy/prune`, {});
  minutes += 6;
  const { etag } = await policyNow();
  const params: Record<string, string> = {
    ...{ secretId: 'demo/database', shareId: shared.share.id, denialId: denial.id, restrictionId: restriction.id },
    statementHash: foreignStatements[0].hash,
    approvalId: await askForShare(),
    templateName: 'deny-principal',
    principal: '222222222222',
    code: 'forbidden',
  };
  for (const name of ['accessRequestId', 'operationId', 'eventId', 'incidentId']) {
    params[name] = '01890a5d-ac96-774b-bcce-b302099a8057';
  }
  params['findingId'] = 'f'.repeat(24);
  const later = () => {
    minutes += 1;
  };
  return { app: built.app, as, params, asker: 'olga' as const, etag: String(etag), changeId: String(changeId), later };
}

const world = await makeWorld();
const { operations, compare } = playOperations(world);
/** They would end what waits, and begin what goes on. */
const ENDS = /^(?:reject|withdraw)Change$|^startSurvey$|^watch/;
const played = operations.filter(({ operationId }) => !ENDS.test(operationId));

const seen: How<'mary' | 'olga'> = {
  body: (operationId, example) => ({
    ...example,
    ...(operationId === 'approveChange' && { etag: world.etag }),
    ...(operationId === 'adoptStatement' && { hash: world.params['statementHash'] }),
    ...(operationId === 'putPolicy' && { Statement: [letsRead(MARY)] }),
  }),
};

const refuse = (error: string, message: string): Fault => ({ do: 'answer', status: 400, error, message });
const validation = (found: object): Fault => ({ do: 'reply', body: JSON.stringify(found) });
const PASSES = validation({ PolicyValidationPassed: true, ValidationErrors: [] });
const DENIED = accessDenied('secretsmanager:PutResourcePolicy');

/** `waits`: the change that approveChange is called for. */
type Scene = { put?: Fault; remove?: Fault; validate?: Fault; describe?: Fault; waits?: () => Promise<string> };

/** Nothing is ever attached; a change that waits is another each time. */
function scene(
  code: ProblemCode,
  { put = DENIED, remove = DENIED, validate = PASSES, describe, waits = askForShare }: Scene,
  how: How<'mary' | 'olga'> = seen,
) {
  t.test(code, async (t) => {
    world.params['approvalId'] = await waits();
    const repairs = [
      proxy?.inject('PutResourcePolicy', put),
      proxy?.inject('DeleteResourcePolicy', remove),
      proxy?.inject('ValidateResourcePolicy', validate),
      describe && proxy?.inject('DescribeSecret', describe),
    ];
    t.teardown(() => {
      for (const repair of repairs) repair?.();
    });
    await compare(t, code, played, { ...how, inTurn: true });
  });
}

scene('precondition-required', {}, { ...seen, ifMatch: null });
scene(
  'policy-changed',
  {},
  {
    ifMatch: '"another"',
    body: (operationId, example) => ({
      ...seen.body?.(operationId, example),
      ...(operationId === 'approveChange' && { etag: '"another"' }),
      ...(operationId === 'applyManifest' && { plan: 'f'.repeat(64) }),
    }),
  },
);
scene(
  'principal-not-nameable',
  {},
  {
    body: (operationId, example) =>
      operationId === 'createRestriction'
        ? { boundary: { principals: [GROUP] } }
        : JSON.parse(
            JSON.stringify(seen.body?.(operationId, example)).replace(/arn:aws:iam::\d+:(user|role)\/\w+/g, GROUP),
          ),
    query: (operationId) =>
      operationId === 'listEstateSecrets' ? `?principal=${encodeURIComponent(GROUP)}` : undefined,
    params: { principal: GROUP },
  },
);

const managed = refuse('InvalidRequestException', 'The secret is managed by another service.');
scene('secret-managed-by-service', { put: managed, remove: managed });
for (const [code, error, message] of [
  ['policy-malformed', 'MalformedPolicyDocumentException', 'This resource policy contains a syntax error.'],
  [
    'principal-not-found',
    'MalformedPolicyDocumentException',
    'This resource policy contains an unsupported principal.',
  ],
  ['policy-public', 'PublicPolicyException', 'This policy grants broad access.'],
  ['policy-too-large', 'InvalidParameterException', 'The ResourcePolicy has too great a length.'],
] as const) {
  const fault = refuse(error, message);
  scene(code, { put: fault, validate: fault });
}
const ValidationErrors = [{ CheckName: 'LOCKOUT', ErrorMessage: 'The policy would lock you out.' }];
const waits = async () =>
  (await mary.put(`${SECRET}/policy`, { Statement: [letsRead(MARY)] }, { 'if-match': world.etag })).json.approvalId;
scene('policy-locks-out-caller', { validate: validation({ PolicyValidationPassed: false, ValidationErrors }), waits });

const { Name, ARN, Tags } = await owner.send(new DescribeSecretCommand({ SecretId }));
scene('secret-is-replica', { describe: validation({ Name, ARN, Tags, PrimaryRegion: 'eu-west-1' }) });

t.test('secret-pending-deletion', async (t) => {
  world.params['approvalId'] = await askForShare();
  await owner.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
  await compare(t, 'secret-pending-deletion', played, seen);
});
