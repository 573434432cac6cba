import t from 'tap';
import type { Statement } from '../../src/policy/document.ts';
import { APP_ROLE, MARY } from '../helper.ts';
import { until } from '../wait.ts';
import { document, type OwnLeg, only, readBySecret } from './readers.ts';

const READ = 'secretsmanager:GetSecretValue';
const LIMIT = 'arn:aws:iam::123456789999:policy/limit';
const NO_SECRETS = document({ Sid: 'NoSecrets', Effect: 'Deny', Action: 'secretsmanager:*', Resource: '*' });

t.test('what a reader’s own policies let it is seen, where a role may be assumed in its account', async (t) => {
  const secret = await readBySecret(t);
  const leg = await secret.ownLeg();
  t.match(leg, { status: 'done', account: '123456789999', detail: 'Its identity policies allow it.', asOf: /^20/ });
  t.notHas(leg, { unlessLimitedBy: [] }, 'a user has no session policy, and no boundary');
  t.notHas(leg, { statement: {} });
  t.equal(await secret.maryReads(), 'done');

  const { json } = await secret.share();
  t.match(json.summary, /may read team\/keyed1\.$/);
  const readers = await secret.call('GET', `${secret.url}/readers`);
  t.match(readers.json.items[0].legs.at(-1), { leg: 'identityPolicy', status: 'done' });

  await secret.share({ principal: APP_ROLE });
  t.match(await secret.ownLeg(APP_ROLE), {
    status: 'done',
    detail: 'Its identity policies allow it. A session policy, where there is one, must allow it too.',
    unlessLimitedBy: ['sessionPolicy'],
  });
});

t.test('inline, attached, of a group, or a boundary: what stands in the way is named', async (t) => {
  const { aws, iam, ownLeg, maryReads, share, call, url } = await readBySecret(t);
  const mary = { UserName: 'Mary' };
  const put = (PolicyName: string, policy: object) =>
    iam('PutUserPolicy', { ...mary, PolicyName, PolicyDocument: JSON.stringify(policy) });
  const refused = async (detail: RegExp, hasStatement: boolean) => {
    const leg = await ownLeg();
    t.match(leg, { status: 'missing', detail });
    t.equal(leg.statement !== undefined, hasStatement, 'an Allow more helps');
    t.not(await maryReads(), 'done');
  };
  const allowed = async (detail: string) => {
    t.match(await ownLeg(), { status: 'done', detail });
    t.equal(await maryReads(), 'done');
  };

  aws.directory.setIdentityPolicies(MARY, []);
  await refused(/^It has no identity policy that allows secretsmanager:GetSecretValue and kms:Decrypt\.$/, true);
  put('secrets', only(READ));
  await refused(/^Its only identity policy does not allow kms:Decrypt\.$/, true);
  iam('CreateGroup', { GroupName: 'readers' });
  const decrypts = JSON.stringify(only('kms:Decrypt'));
  iam('PutGroupPolicy', { GroupName: 'readers', PolicyName: 'keys', PolicyDocument: decrypts });
  iam('AddUserToGroup', { ...mary, GroupName: 'readers' });
  await allowed('Its identity policies allow it.');

  iam('CreatePolicy', { PolicyName: 'limit', PolicyDocument: JSON.stringify(NO_SECRETS) });
  iam('AttachGroupPolicy', { GroupName: 'readers', PolicyArn: LIMIT });
  await refused(
    /^Not allowed are secretsmanager:GetSecretValue: denied by the statement NoSecrets of arn:.*policy\/limit\.$/,
    false,
  );
  iam('DetachGroupPolicy', { GroupName: 'readers', PolicyArn: LIMIT });
  put('never', NO_SECRETS);
  await refused(/the statement NoSecrets of the inline policy never\.$/, false);
  const { id } = (await share()).json.share;
  const instructions = await call('GET', `${url}/shares/${id}/instructions`);
  t.match(instructions.json.open, [/the statement NoSecrets of the inline policy never/], 'who is instructed is told');
  t.match(instructions.json.markdown, /^## What may still be in the way$/m, 'which is not the owner’s to mend');
  iam('DeleteUserPolicy', { ...mary, PolicyName: 'never' });

  iam('PutUserPermissionsBoundary', { ...mary, PermissionsBoundary: LIMIT });
  await refused(/denied by the statement NoSecrets of arn:aws:iam::123456789999:policy\/limit/, false);
  const version = (policy: object) =>
    iam('CreatePolicyVersion', { PolicyArn: LIMIT, PolicyDocument: JSON.stringify(policy), SetAsDefault: 'true' });
  version(only('secretsmanager:*'));
  await refused(/^Its permissions boundary arn:.*policy\/limit does not allow kms:Decrypt\.$/, false);
  version(only('*'));
  await allowed(`Its identity policies and its permissions boundary ${LIMIT} allow it.`);
});

t.test('what hangs on the call, and what can’t be read, is unknown and says why', async (t) => {
  const env = { READER_ACCOUNTS: '123456789999,222222222222,555555555555' };
  const { aws, ownLeg, share, call, url } = await readBySecret(t, env);
  const { directory } = aws;
  const at = document({
    ...{ Sid: 'AtHome', Effect: 'Allow', Action: '*', Resource: '*' },
    Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } },
  });
  directory.setIdentityPolicies(MARY, [at]);
  t.match(await ownLeg(), { status: 'unknown', detail: /hangs on the statement AtHome of .*aws:SourceIp.*192\.0\.2/ });
  const context = { 'aws:SourceIp': '192.0.2.7' };
  const { json } = await call('POST', `${url}/access-checks`, { principal: MARY, action: READ, context });
  t.match(json.legs.at(-1), { status: 'unknown', detail: /AtHome/ }, 'of the call to KMS the address is not told');

  const ZOE = 'arn:aws:iam::123456789999:user/Zoe';
  t.match(await ownLeg(ZOE), { status: 'unknown', detail: /has no user Zoe: a share with it names nobody/ });
  const moved = 'arn:aws:iam::123456789999:user/team/Mary';
  t.match(await ownLeg(moved), { status: 'unknown', detail: /has arn:aws:iam::123456789999:user\/Mary of that name/ });
  t.match(await ownLeg('arn:aws:iam::444444444444:user/Mary'), {
    status: 'unknown',
    detail: 'The reader’s own account must allow it too, in an identity policy that can’t be seen from here.',
  });

  const role = 'arn:aws:iam::123456789999:role/secret-access-reader';
  directory.setIdentityPolicies(role, [only('iam:List*')]);
  t.match(await ownLeg(), { status: 'unknown', detail: /may not iam:GetUser on arn:aws:iam::123456789999:user\/Mary/ });
  t.match(await ownLeg('arn:aws:iam::555555555555:user/Mary'), {
    status: 'unknown',
    detail: /may not sts:AssumeRole on arn:aws:iam::555555555555:role\/secret-access-reader/,
  });
  t.equal((await share()).status, 200, 'it keeps nobody from sharing');
});

t.test('a permission set is the role that it has in its account now, whatever its suffix', async (t) => {
  const { aws, call, url, later, asked } = await readBySecret(t);
  const { directory } = aws;
  const path = 'arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com';
  const provision = (role: string, ...actions: string[]) =>
    directory.createRole({ arn: `${path}/${role}`, policies: [only(...actions)] }).arn;
  const legOf = async (name = 'Ops') => {
    later();
    const share = { permissionSet: { name, account: '222222222222' } };
    const { json } = await call('POST', `${url}/shares?dryRun=true`, share);
    return json.legs.find(({ leg }: OwnLeg) => leg === 'identityPolicy');
  };

  t.match(await legOf(), { status: 'unknown', detail: /222222222222 has no role of the permission set Ops: / });
  provision('AWSReservedSSO_Ops_Admin_0123456789abcdef', '*');
  provision('AWSReservedSSO_Ops_0123456789abcde', '*');
  t.match(await legOf(), { status: 'unknown' }, 'another set, and a name that is too short');
  const first = provision('eu-west-1/AWSReservedSSO_Ops_0123456789abcdef', 'secretsmanager:*', 'kms:*');
  t.match(await legOf(), { status: 'done', account: '222222222222', asOf: /^20/ });
  t.match(await legOf('Ops_Admin'), { status: 'done' });

  const second = provision('AWSReservedSSO_Ops_fedcba9876543210', 'secretsmanager:*');
  t.match(await legOf(), { status: 'unknown', detail: /more than one role of a permission set Ops/ });
  directory.deletePrincipal(first);
  t.match(await legOf(), { status: 'missing', detail: 'Its only identity policy does not allow kms:Decrypt.' });
  for (let n = 0; n < 130; n += 1) provision(`AWSReservedSSO_Set${n}_0123456789abcdef`, '*');
  directory.setIdentityPolicies(second, [only('*')]);
  t.match(await legOf(), { status: 'done' });
  t.equal(asked('ListRoles'), 7, 'a thousand a page');
});

t.test('of a federated user it is said why nothing is seen', async (t) => {
  const { ownLeg } = await readBySecret(t);
  const federated = await ownLeg('arn:aws:sts::123456789999:federated-user/Bob');
  t.match(federated, { status: 'unknown', detail: /policies of the user that federated it, cut by a session policy/ });
});

t.test(
  'what is asked of the resource is known of the secret: whose it is, and its tags; of a key whose it is',
  async (t) => {
    const { aws, ownLeg, maryReads, call, url, arn } = await readBySecret(t);
    const when = (Condition: Statement['Condition'] & object, Action = '*') =>
      document({ Sid: 'When', Effect: 'Allow', Action, Resource: '*', Condition });
    const ofOwner = when({ StringEquals: { 'aws:ResourceAccount': '111111111111' } });
    aws.directory.setIdentityPolicies(MARY, [ofOwner]);
    t.match(await ownLeg(), { status: 'done' });
    t.equal(await maryReads(), 'done');
    const asked = { principal: MARY, action: READ, identityPolicies: [ofOwner] };
    const { json } = await call('POST', `${url}/access-checks`, asked);
    t.match(json.legs.at(-1), { leg: 'identityPolicy', status: 'done' }, 'also where they are given');

    const tagged = { StringEquals: { 'aws:ResourceTag/team': 'payments' } };
    aws.directory.setIdentityPolicies(MARY, [when(tagged, 'secretsmanager:*'), only('kms:*')]);
    t.match(await ownLeg(), {
      status: 'missing',
      detail: /^None of its 2 identity policies allows secretsmanager:GetSecretValue/,
    });
    const Tags = [{ Key: 'team', Value: 'payments' }];
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'TagResource', { SecretId: arn, Tags });
    t.match(await ownLeg(), { status: 'done' });
    t.equal(await maryReads(), 'done');
    aws.directory.setIdentityPolicies(MARY, [when(tagged)]);
    t.match(
      await ownLeg(),
      { status: 'unknown', detail: /kms:Decrypt hangs on the statement When/ },
      'the tags of a key are not seen',
    );
    t.not(await maryReads(), 'done');
  },
);

t.test('in accounts where the service has a role anyhow, that one reads them', async (t) => {
  const env = { READER_ACCOUNTS: '', ESTATE_ACCOUNTS: '111111111111,333333333333' };
  const { aws, ownLeg } = await readBySecret(t, env);
  const policies = [only('secretsmanager:*', 'kms:*')];
  for (const account of ['111111111111', '333333333333']) {
    const arn = `arn:aws:iam::${account}:role/team/work`;
    aws.directory.createRole({ arn, policies });
    t.match(await ownLeg(arn), { status: 'done', unlessLimitedBy: ['sessionPolicy'] }, account);
    const session = `arn:aws:sts::${account}:assumed-role/work/now`;
    t.match(await ownLeg(session), { status: 'done' }, 'its session shows no path');
  }
  t.match(
    await ownLeg(),
    { status: 'unknown', detail: /can’t be seen from here\.$/ },
    'nobody else’s account is asked',
  );
});

t.test('whoever asks at one time shares what IAM says, for some seconds', async (t) => {
  const { asked, call, url, later } = await readBySecret(t);
  later();
  const before = asked('GetUser');
  const check = () => call('POST', `${url}/access-checks`, { principal: MARY, action: READ });
  await Promise.all([check(), check(), check()]);
  await check();
  t.equal(asked('GetUser') - before, 1);
});

t.test('without the setting nobody’s account is asked', async (t) => {
  const { asked, ownLeg } = await readBySecret(t, { READER_ROLE_NAME: '', READER_ACCOUNTS: '' });
  t.match(await ownLeg('arn:aws:iam::111111111111:user/owner'), { status: 'unknown' });
  t.equal(asked('GetUser'), 0);
});

t.test('among many changes nobody’s side is looked at', async (t) => {
  const { asked, call, arn } = await readBySecret(t);
  const before = asked('GetUser');
  const items = [{ secretId: arn, principal: MARY, expiresIn: '1d' }];
  const begun = await call('POST', '/v1/bulk/shares', { items });
  await until(async () => (await call('GET', `/v1/operations/${begun.json.id}`)).json.status === 'done');
  const [item] = (await call('GET', `/v1/operations/${begun.json.id}/items`)).json.items;
  t.match(item, { status: 'applied' });
  t.equal(asked('GetUser'), before);
});
