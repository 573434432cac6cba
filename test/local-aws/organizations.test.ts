import {
  type Account,
  DescribeOrganizationCommand,
  ListAccountsCommand,
  OrganizationsClient,
  paginateListAccounts,
} from '@aws-sdk/client-organizations';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import t from 'tap';
import { seedEstate } from '../../src/local-aws/index.ts';
import { start } from './start.ts';

t.test('the management account lists the accounts of its organization, page by page', async (t) => {
  const { client, local } = await start(t, { clock: () => new Date('2026-01-01T12:00:00Z') });
  seedEstate(local);
  const organizations = client(OrganizationsClient, 'LOCALMANAGEMENT');
  const accounts: Account[] = [];
  for await (const page of paginateListAccounts({ client: organizations, pageSize: 2 }, {})) {
    accounts.push(...(page.Accounts ?? []));
  }
  t.strictSame(
    accounts.map(({ Id }) => Id),
    ['111111111111', '123456789999', '333333333333', '444444444444', '888888888888'],
  );
  t.match(accounts[3], {
    Arn: 'arn:aws:organizations::888888888888:account/o-local00001/444444444444',
    Name: 'shop',
    State: 'ACTIVE',
  });
  t.same(accounts[3]?.JoinedTimestamp, new Date('2026-01-01T12:00:00Z'));
  await t.rejects(organizations.send(new ListAccountsCommand({ NextToken: 'nonsense' })), {
    name: 'InvalidInputException',
  });
});

t.test('members know their organization, and only its management account who else is in it', async (t) => {
  const { client, sts, local } = await start(t);
  const describe = new DescribeOrganizationCommand({});
  const list = new ListAccountsCommand({});
  const owner = client(OrganizationsClient, 'LOCALOWNER');
  t.match(await owner.send(describe), { Organization: { Id: 'o-local00001', MasterAccountId: '888888888888' } });
  await t.rejects(owner.send(list), {
    name: 'AccessDeniedException',
    message: "You don't have permissions to access this resource.",
  });
  await t.rejects(client(OrganizationsClient, 'LOCALSERVICE').send(list), { message: /no identity-based policy/ });
  local.directory.setIdentityPolicies('arn:aws:iam::222222222222:role/app', [
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'organizations:*', Resource: '*' }] },
  ]);
  await t.rejects(client(OrganizationsClient, 'LOCALAPP').send(describe), {
    name: 'AWSOrganizationsNotInUseException',
  });

  const RoleArn = 'arn:aws:iam::888888888888:role/secret-access-target';
  const assume = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'accounts', ExternalId: 'local' });
  const {
    AccessKeyId = '',
    SecretAccessKey = '',
    SessionToken = '',
  } = (await sts('LOCALSERVICE').send(assume)).Credentials ?? {};
  const assumed = new OrganizationsClient({
    endpoint: local.url,
    region: 'us-east-1',
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
  });
  t.teardown(() => assumed.destroy());
  t.equal((await assumed.send(list)).Accounts?.length, 4);
});
