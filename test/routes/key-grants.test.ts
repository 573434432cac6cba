import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import type { LocalAws } from '../../src/local-aws/index.ts';
import { accessDenied } from '../aws/fault-proxy.ts';
import { startInProcess } from '../faults/in-process.ts';
import { build, MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';
import { until } from '../wait.ts';

const OWNER = { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' };
type Leg = { leg: string; status: string; statement?: object };
const keyLeg = (legs: Leg[]) => legs.find(({ leg }) => leg === 'keyPolicy');

const grantsNow = (aws: Pick<LocalAws, 'call'>) =>
  aws.call('LOCALOWNER', 'us-east-1', 'kms', 'ListGrants', { KeyId: 'alias/private' })['Grants'];

/** A secret under a key that no other account may use yet. */
async function privateSecret(url: string, Name = 'team/private'): Promise<string> {
  const owner = new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: url,
    credentials: OWNER,
  });
  const { ARN = '' } = await owner.send(
    new CreateSecretCommand({ Name, SecretString: 'demo', KmsKeyId: 'alias/private' }),
  );
  owner.destroy();
  return ARN;
}

t.test(
  'without the key leg the share is attached and unreadable, and says so; grantKey makes it readable',
  async (t) => {
    const { call, aws, readAs } = await build(t);
    const arn = await privateSecret(aws.url);
    const shares = `/v1/secrets/${encodeURIComponent(arn)}/shares`;

    const plain = await call('POST', shares, { principal: MARY });
    t.equal(plain.status, 201);
    t.match(keyLeg(plain.json.legs), { status: 'missing', statement: { Action: ['kms:Decrypt', 'kms:DescribeKey'] } });
    t.equal(await readAs('LOCALMARY', arn), 'AccessDeniedException');

    const granted = await call('POST', shares, { principal: MARY, grantKey: true });
    t.equal(granted.status, 200, 'the policy was so already');
    t.match(keyLeg(granted.json.legs), { status: 'done' });
    t.equal(await readAs('LOCALMARY', arn), 'read');
    const events = (await call('GET', `/v1/audit-events?action=createGrant`)).json.items;
    matchList(t, events, [
      { phase: 'outcome', outcome: 'applied', changeId: granted.json.changeId, request: { principal: MARY } },
      { phase: 'intent' },
    ]);

    const again = await call('POST', shares, { principal: MARY, grantKey: true });
    t.match(keyLeg(again.json.legs), { status: 'done' });
    t.equal((await call('GET', `/v1/audit-events?action=createGrant`)).json.items.length, 2, 'no second grant');

    const revoked = await call('DELETE', `${shares}/${granted.json.share.id}`);
    t.same(revoked.json.warnings, []);
    matchList(t, (await call('GET', `/v1/audit-events?action=revokeGrant`)).json.items, [
      { outcome: 'applied' },
      { phase: 'intent' },
    ]);
    const sharedAgain = await call('POST', shares, { principal: MARY });
    t.match(keyLeg(sharedAgain.json.legs), { status: 'missing' }, 'the grant is gone');
  },
);

t.test('of two secrets under one key each share has its own grant', async (t) => {
  const { call, aws, readAs } = await build(t);
  const arns = [await privateSecret(aws.url), await privateSecret(aws.url, 'team/other')] as const;
  const sharesOf = (arn: string) => `/v1/secrets/${encodeURIComponent(arn)}/shares`;
  const ids = [];
  for (const arn of arns)
    ids.push((await call('POST', sharesOf(arn), { principal: MARY, grantKey: true })).json.share.id);
  t.equal((await call('DELETE', `${sharesOf(arns[0])}/${ids[0]}`)).status, 200);
  t.equal(await readAs('LOCALMARY', arns[0]), 'AccessDeniedException');
  t.equal(await readAs('LOCALMARY', arns[1]), 'read');
});

t.test('a share that is extended keeps its grant, and leaves none behind', async (t) => {
  const now = new Date('2026-11-25T12:00:00Z');
  const { call, aws, readAs } = await build(t, { overrides: { clock: () => now } });
  const arn = await privateSecret(aws.url);
  const shares = `/v1/secrets/${encodeURIComponent(arn)}/shares`;
  const share = async (body: object) => (await call('POST', shares, { principal: MARY, ...body })).json;
  await share({ grantKey: true, expiresIn: '1d' });
  const { share: another } = await share({ actions: ['secretsmanager:GetSecretValue'] });
  const extended = await share({ expiresIn: '30d' });
  t.match(extended.warnings[0], { code: 'share-extended' });
  t.equal(await readAs('LOCALMARY', arn), 'read');
  await call('DELETE', `${shares}/${another.id}`);
  t.equal(await readAs('LOCALMARY', arn), 'read', 'what another share of hers leaves goes with that');
  await call('DELETE', `${shares}/${extended.share.id}`);
  const events = (await call('GET', '/v1/audit-events?phase=outcome&limit=100')).json.items;
  const count = (action: string) => events.filter((event: { action: string }) => event.action === action).length;
  t.equal(count('createGrant'), 2);
  t.equal(count('revokeGrant'), 2, 'none is left');
});

t.test('a manifest that gives a share a later end leaves its grant', async (t) => {
  const { call, aws, readAs } = await build(t);
  const arn = await privateSecret(aws.url);
  const shares = `/v1/secrets/${encodeURIComponent(arn)}/shares`;
  await call('POST', shares, { principal: MARY, complete: true, expiresIn: '1d' });
  const begun = await call('POST', '/v1/manifests/apply', { secrets: { [arn]: { shares: [{ principal: MARY }] } } });
  t.equal(begun.status, 202);
  await until(async () => (await call('GET', `/v1/operations/${begun.json.id}`)).json.status === 'done');
  const { items } = (await call('GET', shares)).json;
  matchList(t, items, [{ expiresAt: null }]);
  t.equal(await readAs('LOCALMARY', arn), 'read');
  await call('DELETE', `${shares}/${items[0].id}`);
  t.same(grantsNow(aws), [], 'it goes with her last share');
});

t.test('a grant that was made and not answered is not said to be missing', async (t) => {
  const { call, aws, proxy } = await startInProcess(t, { aws: { callTimeoutMs: 3_000, deadlineMs: 3_000 } });
  const arn = await privateSecret(aws.url);
  proxy.inject('CreateGrant', { do: 'drop', when: 'after' });
  const shares = `/v1/secrets/${encodeURIComponent(arn)}/shares`;
  const { json } = await call('POST', shares, { principal: MARY, complete: true });
  t.match(keyLeg(json.legs), { status: 'unknown', detail: /^Whether the key grant was made is not known/ });
  t.match(json.summary, /not known whether the key lets it/);
  matchList(t, json.warnings, [{ code: 'key-grant-failed', message: /is not known/ }]);
});

t.test('a grant that fails leaves the share half done, and says so', async (t) => {
  const { call, aws, proxy } = await startInProcess(t, {});
  const arn = await privateSecret(aws.url);
  proxy.inject('CreateGrant', accessDenied('kms:CreateGrant'));
  const shares = `/v1/secrets/${encodeURIComponent(arn)}/shares`;
  const answer = await call('POST', shares, { principal: MARY, grantKey: true });
  t.equal(answer.status, 201, 'the policy allows her');
  t.match(keyLeg(answer.json.legs), { status: 'missing' });
  matchList(t, answer.json.warnings, [{ code: 'key-grant-failed', message: /^Half done: .*kms:CreateGrant/ }]);
  matchList(t, (await call('GET', '/v1/audit-events?action=createGrant')).json.items, [
    { phase: 'outcome', outcome: 'failed', error: { code: 'aws-access-denied' } },
    { phase: 'intent' },
  ]);
});

t.test('an organization can’t be a grantee', async (t) => {
  const { call } = await build(t);
  const shares = '/v1/secrets/demo%2Fdatabase/shares';
  const answer = await call('POST', shares, { organization: 'o-local00001', grantKey: true });
  t.equal(answer.status, 400);
  matchList(t, answer.json.errors, [{ path: '/grantKey' }]);
});

t.test('a dry run makes no grant', async (t) => {
  const { call, aws } = await build(t);
  const arn = await privateSecret(aws.url);
  const shares = `/v1/secrets/${encodeURIComponent(arn)}/shares`;
  const rehearsal = await call('POST', `${shares}?dryRun=true`, { principal: MARY, grantKey: true });
  matchList(t, rehearsal.json.warnings, [{ code: 'key-grant-planned' }, { code: 'grant-propagating' }]);
  t.match(keyLeg(rehearsal.json.legs), { status: 'done' }, 'as it would be');
  t.same((await call('GET', '/v1/audit-events')).json.items, []);
  t.same(grantsNow(aws), []);
});

t.test('a dry run says what KMS would not grant', async (t) => {
  const { call, aws, proxy } = await startInProcess(t, {});
  const arn = await privateSecret(aws.url);
  proxy.inject('CreateGrant', accessDenied('kms:CreateGrant'));
  const shares = `/v1/secrets/${encodeURIComponent(arn)}/shares`;
  const rehearsal = await call('POST', `${shares}?dryRun=true`, { principal: MARY, complete: true });
  t.match(keyLeg(rehearsal.json.legs), { status: 'missing', statement: {} });
  matchList(t, rehearsal.json.warnings, [{ code: 'key-grant-failed', message: /^No KMS grant .*kms:CreateGrant/ }]);
});

t.test('complete makes what may be made, and says what may not', async (t) => {
  const { call, aws, readAs } = await build(t);
  const arn = await privateSecret(aws.url);
  const shares = `/v1/secrets/${encodeURIComponent(arn)}/shares`;
  const shared = await call('POST', shares, { principal: MARY, complete: true });
  t.equal(shared.status, 201);
  t.match(keyLeg(shared.json.legs), { status: 'done' });
  t.equal(await readAs('LOCALMARY', arn), 'read');
  const ofAll = await call('POST', shares, { organization: 'o-local00001', complete: true });
  t.equal(ofAll.status, 201);
  t.match(keyLeg(ofAll.json.legs), { status: 'unknown', statement: {} });
  matchList(t, ofAll.json.warnings, [{ code: 'key-grant-failed', message: /^KMS makes grants for single principals/ }]);
  const keyless = { organization: 'o-local00001', actions: ['secretsmanager:DescribeSecret'], complete: true };
  t.same((await call('POST', shares, keyless)).json.warnings, [], 'no key, nothing to be made');
});
