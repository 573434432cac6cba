import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { build, MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';
import { startPostgres } from '../postgres.ts';
import { ABROAD, countedSecret, HOME, keyedSecret, legOf } from './keyed-secret.ts';

const READ = 'secretsmanager:GetSecretValue';

t.test(
  'a grant made just now may not be known everywhere: the leg and a warning say so for five minutes',
  async (t) => {
    const late = 0;
    const secret = await keyedSecret(t, { overrides: { clock: () => new Date(Date.now() + late) } });
    const made = (await secret.share({ grantKey: true })).json;
    t.match(made.warnings, [{ code: 'grant-propagating', message: /less than five/ }]);
    const leg = legOf(made.legs);
    t.match(leg, { status: 'done', detail: /some minutes/ });
    const wait = Date.parse(leg?.settlesAt ?? '') - Date.now();
    t.ok(wait > 290_000 && wait <= 300_000, `${wait} ms`);

    t.match(legOf(await secret.legsOf(READ)), { status: 'done', settlesAt: String, detail: /some minutes/ });
    t.match((await secret.share()).json.warnings, [{ code: 'grant-propagating' }], 'by its CreationDate');
    secret.later(301_000);
    const settled = legOf(await secret.legsOf(READ));
    t.match(settled, { status: 'done', detail: 'The key lets the reader decrypt.' });
    t.notOk(settled?.settlesAt);
    t.same((await secret.share()).json.warnings, []);
  },
);

t.test('grants made now and a moment ago, in several Regions, are one warning', async (t) => {
  const secret = await keyedSecret(t);
  await secret.share({ grantKey: true });
  await secret.replicate(await secret.createKey(ABROAD));
  secret.later();
  const { json } = await secret.share({ grantKey: true });
  matchList(t, json.warnings, [{ code: 'grant-propagating', message: /us-east-1, eu-west-1/ }]);
});

t.test('where the key’s policy lets the reader in, a new grant changes nothing', async (t) => {
  const secret = await keyedSecret(t);
  await secret.putKeyPolicy([{ Effect: 'Allow', Principal: { AWS: MARY }, Action: 'kms:Decrypt', Resource: '*' }]);
  await secret.grant({});
  const { json } = await secret.share();
  t.match(legOf(json.legs), { status: 'done', detail: 'The key lets the reader decrypt.' });
  t.same(json.warnings, []);
});

t.test('a key named by its bare id is not found by writers of other accounts: a warning, and no done', async (t) => {
  const secret = await keyedSecret(t);
  const settings = {
    region: HOME,
    endpoint: secret.aws.url,
    credentials: { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' },
  };
  const [kms, owner] = [new KMSClient(settings), new SecretsManagerClient(settings)];
  t.teardown(() => {
    kms.destroy();
    owner.destroy();
  });
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: secret.KeyId }));
  await owner.send(new CreateSecretCommand({ Name: 'team/bare', KmsKeyId: KeyMetadata?.KeyId, SecretString: 'x' }));
  const share = (actions: string[], principal = MARY) =>
    secret.call('POST', '/v1/secrets/team%2Fbare/shares', { principal, actions, grantKey: true });
  const writer = (await share(['secretsmanager:PutSecretValue'])).json;
  t.match(writer.warnings, [{ code: 'key-not-by-arn', message: /update-secret --secret-id team\/bare --kms-key-id/ }]);
  t.match(legOf(writer.legs), { status: 'unknown', detail: /ARN/ });
  const mary = new SecretsManagerClient({
    ...settings,
    credentials: { accessKeyId: 'LOCALMARY', secretAccessKey: 'x' },
  });
  t.teardown(() => mary.destroy());
  const write = mary.send(new PutSecretValueCommand({ SecretId: writer.secret.arn, SecretString: 'y' }));
  await t.rejects(write, { name: 'EncryptionFailure' });
  const reader = (await share([READ])).json;
  t.notMatch(reader.warnings, [{ code: 'key-not-by-arn' }]);
  t.match(legOf(reader.legs), { status: 'done' });
  const own = (await share(['secretsmanager:PutSecretValue'], 'arn:aws:iam::111111111111:user/owner')).json;
  t.same(own.warnings, []);
});

t.test('a grant of another replica shows at once, and goes with the share that it is for', async (t) => {
  const secret = await keyedSecret(t);
  const { share } = (await secret.share()).json;
  t.match(legOf(await secret.legsOf(READ)), { status: 'missing' });
  const Constraints = { EncryptionContextSubset: { SecretARN: secret.arn } };
  const { GrantId } = await secret.grant({ Name: `secret-access:${share.id}:another`, Constraints });
  t.match(legOf(await secret.legsOf(READ)), { status: 'done' });
  t.match(legOf((await secret.share({ grantKey: true })).json.legs), { status: 'done' });
  await secret.call('DELETE', `${secret.url}/shares/${share.id}`);
  t.match(legOf((await secret.share()).json.legs), { status: 'missing' });
  const { Grants = [] } = secret.aws.call('LOCALOWNER', HOME, 'kms', 'ListGrants', { KeyId: secret.KeyId });
  t.notOk((Grants as { GrantId: string }[]).some((grant) => grant.GrantId === GrantId));
});

t.test('the grants of a key with more than a thousand are remembered, until we make or revoke one', async (t) => {
  const { secret, proxy } = await countedSecret(t);
  const GranteePrincipal = 'arn:aws:iam::222222222222:role/app';
  for (let count = 0; count <= 1_000; count += 1) {
    const grant = { KeyId: secret.KeyId, GranteePrincipal, Operations: ['Decrypt'], Name: `of-another-${count}` };
    secret.aws.call('LOCALOWNER', HOME, 'kms', 'CreateGrant', grant);
  }
  const callsOf = async (look: () => Promise<unknown>): Promise<number> => {
    proxy.clear();
    await look();
    return proxy.calls('ListGrants');
  };
  t.equal(await callsOf(() => secret.legsOf(READ)), 11);
  t.equal(await callsOf(() => secret.legsOf(READ)), 0);
  t.match(legOf((await secret.share({ grantKey: true })).json.legs), { status: 'done' });
  t.match(legOf(await secret.legsOf(READ)), { status: 'done' });
  secret.later();
  t.equal(await callsOf(() => secret.legsOf(READ)), 11);
});

t.test('shares take the grants that were seen just before, looks and dry runs ask for them', async (t) => {
  const { secret, proxy } = await countedSecret(t);
  let account = 300_000_000_000;
  const shareWithAnother = (query = '') => secret.share({ principal: String(account++) }, query);
  const calls = { ListGrants: 0, all: 0 };
  const callsOf = async (act: () => Promise<unknown>): Promise<typeof calls> => {
    proxy.clear();
    await act();
    return { ListGrants: proxy.calls('ListGrants'), all: proxy.calls() };
  };
  await shareWithAnother();
  t.same(await callsOf(shareWithAnother), { ListGrants: 0, all: 3 }, 'Describe, Get and Put');
  t.match(await callsOf(() => shareWithAnother('?dryRun=true')), { ListGrants: 1 });
  t.match(
    await callsOf(() => secret.share({ principal: '300000000000' })),
    { ListGrants: 1 },
    'nothing is recorded before',
  );
  t.match(await callsOf(() => secret.legsOf(READ)), { ListGrants: 1 });
  await secret.share({ grantKey: true });
  t.match(await callsOf(shareWithAnother), { ListGrants: 1 }, 'we made one since');
  secret.later();
  t.match(await callsOf(shareWithAnother), { ListGrants: 1 }, 'they are no longer remembered');
});

t.test('what another replica granted a share knows at once', async (t) => {
  const postgres = await startPostgres(t);
  const env = { DATABASE_URL: await postgres.freshDatabase() };
  const secret = await keyedSecret(t, { env });
  const other = await build(t, { env, aws: secret.aws });
  t.match(legOf((await secret.share()).json.legs), { status: 'missing' });
  const granted = await other.call('POST', `${secret.url}/shares`, { principal: MARY, grantKey: true });
  t.match(legOf(granted.json.legs), { status: 'done' });
  const actions = ['secretsmanager:GetSecretValue'];
  const shared = await secret.share({ actions });
  t.equal(shared.status, 201);
  t.match(legOf(shared.json.legs), { status: 'done' });
});
