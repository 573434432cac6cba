import { CreateSecretCommand, PutResourcePolicyCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { MARY } from '../helper.ts';
import { ALL_WAIT, approve, SECRET, type Service, start } from './approvals.ts';

/** Whatever changes a policy can wait, and is built again from what was kept of it. */

/** Asks as mary, approves as sam, and gives the change. */
async function throughApproval(service: Service, ...asked: Parameters<Service['call']>) {
  const { as } = service;
  const [method, url] = asked;
  const pending = await as('mary').call(...asked);
  if (pending.status !== 202) throw new Error(`${method} ${url} answered ${pending.status}: ${pending.body}`);
  const approved = await approve(service, 'sam', pending.json.approvalId);
  if (approved.status !== 200) throw new Error(`It was answered ${approved.status}: ${approved.body}`);
  return { pending: pending.json, change: approved.json };
}

/** The administrator of the owning account, past this service. */
async function asOwner<T>(url: string, work: (client: SecretsManagerClient) => Promise<T>): Promise<T> {
  const credentials = { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' };
  const client = new SecretsManagerClient({ region: 'us-east-1', endpoint: url, credentials });
  return work(client).finally(() => client.destroy());
}

t.test('every kind of change waits, and is made when approved', async (t) => {
  let ahead = 0;
  const service = await start(t, { policy: ALL_WAIT, overrides: { clock: () => new Date(Date.now() + ahead) } });
  const { as, aws } = service;
  const policy = async () => (await as('mary').get(`${SECRET}/policy`)).json;
  const made: string[] = [];
  const wait = async (...asked: Parameters<Service['call']>) => {
    const { pending, change } = await throughApproval(service, ...asked);
    made.push(pending.action);
    t.equal(change.changeId, pending.approvalId);
    t.equal(change.changed, true, pending.action);
    t.same(change.diff, pending.diff, `${pending.action}: the preview is what came of it`);
    return change;
  };

  const { share, changeId } = await wait('POST', `${SECRET}/shares`, { principal: MARY, principalTags: { team: 'x' } });
  t.same(share.conditions, { principalTags: { team: 'x' } });
  const { denial } = await wait('POST', `${SECRET}/denials`, { account: '333333333333', match: 'arn' });
  t.equal(denial.match, 'arn');
  await wait('POST', `${SECRET}/restrictions`, { boundary: { organization: 'o-local00001' } });
  await wait('DELETE', `${SECRET}/denials/${denial.id}`);
  t.equal((await policy()).denials.length, 0);

  // Terraform's apply drops ours; they are brought back.
  const { arn } = (await policy()).secret;
  const theirs = {
    Effect: 'Allow',
    Principal: { AWS: '222222222222' },
    Action: 'secretsmanager:DescribeSecret',
    Resource: '*',
  };
  const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement: [theirs] });
  await asOwner(aws.url, (client) => client.send(new PutResourcePolicyCommand({ SecretId: arn, ResourcePolicy })));
  await wait('POST', `${SECRET}/policy/restore-drift`, {}, { 'if-match': (await policy()).etag });
  t.equal((await policy()).shares.length, 1);

  await wait('POST', `${SECRET}/policy/rollback`, { changeId }, { 'if-match': (await policy()).etag });
  t.equal((await policy()).policy, null, 'as before the first change');
  const document = { Version: '2012-10-17', Statement: [{ ...theirs, Principal: { AWS: MARY } }] };
  await wait('PUT', `${SECRET}/policy`, { policy: document, reason: 'pasted' }, { 'if-none-match': '*' });
  await wait('DELETE', `${SECRET}/policy`, undefined, { 'if-match': (await policy()).etag });

  await wait('POST', `${SECRET}/shares`, { principal: MARY });
  aws.directory.deletePrincipal(MARY);
  const seen = { 'if-match': (await policy()).etag };
  await as('mary').post(`${SECRET}/policy/prune?dryRun=true`, {}, seen);
  ahead = 6 * 60_000;
  await wait('POST', `${SECRET}/policy/prune`, {}, seen);
  t.same(made, [
    'share',
    'deny',
    'restrict',
    'revoke',
    'restoreDrift',
    'rollback',
    'replacePolicy',
    'deletePolicy',
    'share',
    'prune',
  ]);
});

t.test('a key grant waits with its share, also where the share is there already', async (t) => {
  const service = await start(t, { policy: ALL_WAIT });
  const { as, aws, readAs } = service;
  const { ARN = '' } = await asOwner(aws.url, (client) =>
    client.send(new CreateSecretCommand({ Name: 'team/private', SecretString: 'demo', KmsKeyId: 'alias/private' })),
  );
  const shares = `/v1/secrets/${encodeURIComponent(ARN)}/shares`;
  await throughApproval(service, 'POST', shares, { principal: MARY });
  t.equal(await readAs('LOCALMARY', ARN), 'AccessDeniedException', 'the key is not hers to use');

  const asked = await as('mary').post(shares, { principal: MARY, grantKey: true });
  t.equal(asked.status, 202);
  t.same(asked.json.diff, []);
  t.equal(await readAs('LOCALMARY', ARN), 'AccessDeniedException');
  const approved = await approve(service, 'sam', asked.json.approvalId);
  t.match(approved.json, { changed: false, legs: [{}, { leg: 'keyPolicy', status: 'done' }] });
  t.equal(await readAs('LOCALMARY', ARN), 'read');
});
