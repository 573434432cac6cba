import t from 'tap';
import { FULL_ACCESS } from '../../src/local-aws/directory/organizations.ts';
import { APP_ROLE, MARY } from '../helper.ts';
import { HOME, type Leg } from './keyed-secret.ts';
import { document, type OwnLeg, only, readBySecret } from './readers.ts';

const READ = 'secretsmanager:GetSecretValue';
const ASKED = { ORGANIZATION_ROLE_NAME: 'secret-access-organization', ORGANIZATION_ROLE_EXTERNAL_ID: 'local' };

async function inOrganization(t: Parameters<typeof readBySecret>[0], env: Record<string, string> = {}) {
  const secret = await readBySecret(t, { ...ASKED, ...env });
  return {
    ...secret,
    /** The legs of the owner's account and the reader's, once nothing that was seen before is remembered. */
    async controls(principal = MARY): Promise<[Leg | undefined, Leg | undefined]> {
      secret.later(301_000);
      const { json } = await secret.call('POST', `${secret.url}/access-checks`, { principal, action: READ });
      const legs: Leg[] = json.legs.filter(({ leg }: Leg) => leg === 'organization');
      return [legs[0], legs[1]];
    },
  };
}

const deny = (Sid: string, Action: string, more: object = {}) =>
  document({ Sid, Effect: 'Deny', Action, Resource: '*', ...more });

t.test('service control policies must allow on each level, and deny on none', async (t) => {
  const { aws, controls, maryReads, share } = await inOrganization(t);
  const { organizations } = aws;
  const [owner, reader] = await controls();
  t.match(owner, { status: 'done', account: '111111111111', asOf: /^20/ });
  t.match(reader, { status: 'done', account: '123456789999' });
  t.equal(await maryReads(), 'done');

  aws.accounts.setOrganization('123456789999', 'o-local00001', ['r-loca', 'ou-loca-00000002']);
  for (const target of ['ou-loca-00000002', '123456789999']) {
    organizations.setServiceControlPolicies(target, [FULL_ACCESS, deny('NoSecrets', 'secretsmanager:*')]);
    const detail =
      /^The service control policy denies secretsmanager:GetSecretValue: the statement NoSecrets of NoSecrets\.$/;
    t.match((await controls())[1], { status: 'missing', detail }, target);
    t.equal(await maryReads(), 'AccessDeniedException');
    organizations.setServiceControlPolicies(target, [only('secretsmanager:*')]);
    const silent = `No service control policy of ${target} allows kms:Decrypt.`;
    t.match((await controls())[1], { status: 'missing', detail: silent });
    t.not(await maryReads(), 'done');
    t.match((await share()).json.summary, /may not read team\/keyed1: no service control policy of /i);
    organizations.setServiceControlPolicies(target, [FULL_ACCESS]);
  }
  organizations.setServiceControlPolicies('123456789999', [deny('No', '*'), FULL_ACCESS]);
  t.match((await controls('123456789999'))[1], {
    status: 'unknown',
    detail: /Service-linked roles are not bound by it\.$/,
  });
  const linked = 'arn:aws:iam::123456789999:role/aws-service-role/x.amazonaws.com/Linked';
  t.match((await controls(linked))[1], { status: 'notNeeded', detail: /service-linked/ });
  organizations.setManagementAccount('o-local00001', '123456789999');
  t.match((await controls())[1], { status: 'unknown' }, 'the account that managed it may be asked no more');
});

t.test(
  'resource control policies of the owner’s account are about the secret, and about keys of its own',
  async (t) => {
    const { aws, controls, maryReads } = await inOrganization(t);
    const bar = (...policies: ReturnType<typeof deny>[]) =>
      aws.organizations.setResourceControlPolicies('111111111111', policies);
    bar(
      deny('OnlyInside', READ, {
        Principal: '*',
        Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-local00001' } },
      }),
    );
    t.match((await controls())[0], { status: 'done' }, 'she is of the organization');
    t.equal(await maryReads(), 'done');
    t.match((await controls(APP_ROLE))[0], { status: 'missing', detail: /OnlyInside/ }, 'that account is of none');
    bar(deny('NoDecryption', 'kms:Decrypt', { Principal: '*' }));
    t.match((await controls())[0], { status: 'missing', detail: /denies kms:Decrypt: the statement NoDecryption/ });
    t.not(await maryReads(), 'done');
    bar(deny('ByMfa', READ, { Principal: '*', Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } }));
    t.match((await controls())[0], { status: 'unknown', detail: /hangs on the statement ByMfa/ });
  },
);

t.test('what of the organization can’t be seen is unknown, and says why', async (t) => {
  const { aws, call, url, controls, share } = await inOrganization(t);
  const [, outside] = await controls(APP_ROLE);
  t.match(outside, { status: 'unknown', detail: /222222222222 is not of the organization o-local00001/ });
  const ofMany = await call('POST', `${url}/shares`, { organization: 'o-local00001' });
  t.match(ofMany.json.legs.at(-1), {
    leg: 'organization',
    status: 'unknown',
    detail: /differs from account to account/,
  });
  aws.directory.setIdentityPolicies('arn:aws:iam::888888888888:role/secret-access-organization', []);
  const [owner, reader] = await controls();
  t.match([owner, reader], [{ status: 'unknown', detail: /organizations:ListParents/ }, { status: 'unknown' }]);
  t.match((await share()).json.summary, /where no control policy of its organization stands against it/);
});

t.test('an organization is asked once in five minutes, and not at all without the setting', async (t) => {
  const byArn = { ORGANIZATION_ROLE_NAME: 'arn:aws:iam::888888888888:role/secret-access-organization' };
  const { asked, call, url, controls, later } = await inOrganization(t, byArn);
  await controls();
  const before = asked('ListPoliciesForTarget');
  const check = () => call('POST', `${url}/access-checks`, { principal: MARY, action: READ });
  const asOfIn = ({ json }: Awaited<ReturnType<typeof check>>) =>
    json.legs.filter(({ leg }: Leg) => leg === 'organization').map(({ asOf }: OwnLeg) => asOf);
  const [first] = await Promise.all([check(), check()]);
  later(200_000);
  t.strictSame(asOfIn(await check()), asOfIn(first), 'as of when it was seen');
  t.equal(asked('ListPoliciesForTarget'), before);
  const without = await readBySecret(t);
  const { json } = await without.call('POST', `${without.url}/access-checks`, { principal: MARY, action: READ });
  t.notOk(json.legs.some(({ leg }: Leg) => leg === 'organization'));
});

t.test('what is remembered of an organization is of one moment, and says so once it is a while ago', async (t) => {
  const { aws, call, url, later, controls } = await inOrganization(t);
  const { organizations } = aws;
  aws.accounts.setOrganization('222222222222', 'o-local00001', ['r-loca']);
  const legOf = async (principal: string): Promise<OwnLeg> => {
    const { json } = await call('POST', `${url}/access-checks`, { principal, action: READ });
    return json.legs.filter(({ leg }: Leg) => leg === 'organization').at(-1);
  };
  const barred = /NoSecrets of NoSecrets\.$/;
  await controls();
  later(100_000);
  organizations.setServiceControlPolicies('r-loca', [FULL_ACCESS, deny('NoSecrets', READ)]);
  const remembered = await legOf(MARY);
  t.match(remembered, { status: 'done', detail: `What was changed after ${remembered.asOf} may not be in it.` });
  const share = await call('POST', `${url}/shares?dryRun=true`, { principal: MARY });
  t.match(share.json.summary, `(unless its organization was changed after ${remembered.asOf})`);
  t.match(await legOf(APP_ROLE), { status: 'missing', detail: /NoSecrets of NoSecrets\./ }, 'its root as it is now');
  later(201_000);
  t.match(await legOf(MARY), { status: 'missing', detail: barred });
});

t.test('where service control policies are not enabled, which detaches all of them, none is missing', async (t) => {
  const { aws, controls, maryReads } = await inOrganization(t);
  const everywhere = ['r-loca', 'ou-loca-00000001', '111111111111', '123456789999'];
  for (const target of everywhere) aws.organizations.setServiceControlPolicies(target, []);
  t.match((await controls())[1], { status: 'done', account: '123456789999' });
  t.equal(await maryReads(), 'done');
});

t.test('what is denied of a key that holds only older values keeps nobody from the value of now', async (t) => {
  const { aws, arn, KeyId, createKey, putKeyPolicy, later, call, url, maryReads, share } = await inOrganization(t);
  const owner = (service: 'kms' | 'secretsmanager', operation: string, input: object) =>
    aws.call('LOCALOWNER', HOME, service, operation, input);
  const now = await createKey();
  // The value of before stays under the key of before.
  owner('kms', 'DisableKey', { KeyId });
  owner('secretsmanager', 'UpdateSecret', { SecretId: arn, KmsKeyId: now });
  owner('kms', 'EnableKey', { KeyId });
  await putKeyPolicy([{ Effect: 'Allow', Principal: { AWS: MARY }, Action: 'kms:Decrypt', Resource: '*' }], now);
  owner('secretsmanager', 'PutSecretValue', { SecretId: arn, SecretString: 'new' });

  const holds = async (leg: string) => {
    later(301_000);
    t.equal(await maryReads(), 'done');
    const { json } = await call('POST', `${url}/access-checks`, { principal: MARY, action: READ });
    const [told] = json.legs.filter((one: Leg) => one.leg === leg && one.account === '123456789999');
    t.equal(told?.status, 'unknown', leg);
    t.notMatch((await share({}, '?dryRun=true')).json.summary, /may not read/);
  };
  const oldKey = { Effect: 'Deny' as const, Action: 'kms:Decrypt', Resource: KeyId };
  aws.directory.setIdentityPolicies(MARY, [only('*'), document({ Sid: 'OldKey', ...oldKey })]);
  await holds('identityPolicy');
  aws.directory.setIdentityPolicies(MARY, [only('*')]);
  aws.organizations.setServiceControlPolicies('123456789999', [FULL_ACCESS, document({ Sid: 'OldKey', ...oldKey })]);
  await holds('organization');
});
