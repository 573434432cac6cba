import type { PolicyDocument } from '../policy/document.ts';
import { FULL_ACCESS } from './directory/organizations.ts';
import type { LocalAws } from './local-aws.ts';

export const ORGANIZATION = 'o-local00001';
export const MANAGEMENT = '888888888888';
/** The organizational unit of the accounts that own secrets; the reader's is directly under the root. */
export const OWNERS_UNIT = ['r-loca', 'ou-loca-00000001'] as const;

/** The organization of the demo, with one service control policy and one resource control policy. */
export function seedOrganization(
  { accounts, organizations }: LocalAws,
  owners: readonly string[],
  reader: string,
): void {
  const [root, unit] = OWNERS_UNIT;
  organizations.setManagementAccount(ORGANIZATION, MANAGEMENT);
  accounts.setOrganization(MANAGEMENT, ORGANIZATION, [root], 'management');
  accounts.setOrganization(reader, ORGANIZATION, [root], 'reader');
  for (const account of owners) accounts.setOrganization(account, ORGANIZATION, OWNERS_UNIT, `owner-${account}`);
  organizations.setServiceControlPolicies(unit, [FULL_ACCESS, NOT_IN_THESE_REGIONS]);
  organizations.setResourceControlPolicies(root, [INTERNAL_STAYS_INSIDE]);
}

/** The service control policy of the owners' unit. */
const NOT_IN_THESE_REGIONS: PolicyDocument = {
  Version: '2012-10-17',
  Statement: {
    Sid: 'NotInTheseRegions',
    Effect: 'Deny',
    Action: ['secretsmanager:*', 'kms:*'],
    Resource: '*',
    Condition: { StringLike: { 'aws:RequestedRegion': ['ap-*', 'sa-*'] } },
  },
};

/** The resource control policy of the root: whatever a share says, what is tagged `data=internal` stays in the organization. */
const INTERNAL_STAYS_INSIDE: PolicyDocument = {
  Version: '2012-10-17',
  Statement: {
    Sid: 'InternalStaysInside',
    Effect: 'Deny',
    Principal: '*',
    Action: 'secretsmanager:*',
    Resource: '*',
    Condition: {
      StringEquals: { 'aws:ResourceTag/data': 'internal' },
      StringNotEqualsIfExists: { 'aws:PrincipalOrgID': ORGANIZATION },
      BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
    },
  },
};
