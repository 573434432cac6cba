import Type from 'typebox';
import { type Call, seconds } from '../call.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import { pageOf } from '../protocol/paging.ts';
import type { AccountRecord } from '../records.ts';
import { authorizeAll, managedOrganization, ownOrganization } from './own-organization.ts';
import { organizationPolicyOperations, POLICY_TYPES } from './policies.ts';

/** AWS Organizations, as far as it says which accounts there are, and which policies bind them. Source: Organizations API Reference. */
export const organizationsOperations: Record<string, AwsOperation<Call>> = {
  ...organizationPolicyOperations,
  DescribeOrganization: operation(Type.Object({}), (call: Call) => {
    authorizeAll(call);
    const { id, managementAccount: management } = ownOrganization(call);
    return {
      Organization: {
        Id: id,
        Arn: arnOf(call, management, `organization/${id}`),
        FeatureSet: 'ALL',
        MasterAccountArn: arnOf(call, management, `account/${id}/${management}`),
        MasterAccountId: management,
        MasterAccountEmail: emailOf(management),
        AvailablePolicyTypes: POLICY_TYPES,
      },
    };
  }),

  /** From the management account only: nobody is a delegated administrator here. */
  ListAccounts: operation(
    Type.Object({
      NextToken: optional(text(1, 100_000)),
      MaxResults: optional(Type.Integer({ minimum: 1, maximum: 20 })),
    }),
    (call: Call, { NextToken: token, MaxResults: limit = 20 }) => {
      const { id, managementAccount: management } = managedOrganization(call);
      const members = call.store.list('account', '').filter(({ organization }) => organization === id);
      const { items, next } = pageOf(members, (account) => account.id, limit, token, 'InvalidInputException');
      return {
        Accounts: items.map((account) => shownAccount(call, account, id, management)),
        ...(next && { NextToken: next }),
      };
    },
  ),
};

/** AWS has retired `Status`: what is of an account says `State`. */
const shownAccount = (call: Call, account: AccountRecord, organization: string, management: string) => ({
  Id: account.id,
  Arn: arnOf(call, management, `account/${organization}/${account.id}`),
  Email: emailOf(account.id),
  Name: account.name ?? account.id,
  State: 'ACTIVE',
  JoinedMethod: account.id === management ? 'INVITED' : 'CREATED',
  JoinedTimestamp: seconds(account.joinedAt ?? 0),
});

const arnOf = ({ partition }: Call, management: string, resource: string): string =>
  `arn:${partition}:organizations::${management}:${resource}`;

const emailOf = (account: string): string => `${account}@example.com`;
