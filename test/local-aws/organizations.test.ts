import {
  type Account,
  DescribeOrganizationCommand,
  DescribePolicyCommand,
  ListAccountsCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListPoliciesForTargetCommand,
  ListRootsCommand,
  OrganizationsClient,
  type PolicyType,
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

t.test('the management account reads where accounts stand, and which control policies bind each level', async (t) => {
  const { client } = await start(t);
  const management = client(OrganizationsClient, 'LOCALMANAGEMENT');
  const parentOf = async (ChildId: string) =>
    (await management.send(new ListParentsCommand({ ChildId }))).Parents?.map(({ Id, Type }) => [Id, Type]);
  t.strictSame(await parentOf('111111111111'), [['ou-loca-00000001', 'ORGANIZATIONAL_UNIT']]);
  t.strictSame(await parentOf('ou-loca-00000001'), [['r-loca', 'ROOT']]);
  await t.rejects(parentOf('222222222222'), { name: 'ChildNotFoundException' });
  const { Roots } = await management.send(new ListRootsCommand({}));
  t.match(Roots, [{ Id: 'r-loca', PolicyTypes: [{ Status: 'ENABLED' }, { Type: 'RESOURCE_CONTROL_POLICY' }] }]);
  const units = await management.send(new ListOrganizationalUnitsForParentCommand({ ParentId: 'r-loca' }));
  t.match(units.OrganizationalUnits, [{ Id: 'ou-loca-00000001' }]);
  const nowhere = new ListOrganizationalUnitsForParentCommand({ ParentId: 'r-none' });
  await t.rejects(management.send(nowhere), { name: 'ParentNotFoundException' });

  const policiesOf = async (TargetId: string, Filter: PolicyType) =>
    (await management.send(new ListPoliciesForTargetCommand({ TargetId, Filter }))).Policies ?? [];
  const namesOf = async (target: string, type: PolicyType) => (await policiesOf(target, type)).map(({ Name }) => Name);
  t.same((await namesOf('ou-loca-00000001', 'SERVICE_CONTROL_POLICY')).toSorted(), [
    'FullAWSAccess',
    'NotInTheseRegions',
  ]);
  t.same(await namesOf('111111111111', 'SERVICE_CONTROL_POLICY'), ['FullAWSAccess']);
  const ofRoot = await policiesOf('r-loca', 'RESOURCE_CONTROL_POLICY');
  t.same(ofRoot.map(({ Name }) => Name).toSorted(), ['InternalStaysInside', 'RCPFullAWSAccess']);
  const PolicyId = ofRoot.find(({ Name }) => Name === 'InternalStaysInside')?.Id;
  const { Policy } = await management.send(new DescribePolicyCommand({ PolicyId }));
  t.match(JSON.parse(Policy?.Content ?? ''), { Statement: { Sid: 'InternalStaysInside', Effect: 'Deny' } });
  await t.rejects(policiesOf('222222222222', 'SERVICE_CONTROL_POLICY'), { name: 'TargetNotFoundException' });
  await t.rejects(client(OrganizationsClient, 'LOCALOWNER').send(new ListRootsCommand({})), {
    name: 'AccessDeniedException',
  });
});
