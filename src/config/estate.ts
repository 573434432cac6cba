import { durationMs } from '../duration.ts';
import type { EstateConfig } from '../estate/config.ts';
import { isSecureUrl } from '../secure-url.ts';
import { REGION } from './aws.ts';
import { externalIdIn, ROLE_NAME, type Variables } from './variables.ts';

const ROLE_OR_ARN = new RegExp(`^(?:arn:aws(?:-cn|-us-gov)?:iam::(\\d{12}):role/)?(${ROLE_NAME})$`);
const QUEUE_PATH = /^\/\d{12}\/[\w-]{1,80}$/;

export const readEstate = (variables: Variables): EstateConfig => ({
  accounts: readAccounts(variables),
  organizationRole: readOrganizationRole(variables),
  regions: readRegions(variables),
  surveyEveryMs: readInterval(variables),
  eventsQueueUrl: readQueueUrl(variables),
});

function readAccounts({ text, accounts, wrong }: Variables): EstateConfig['accounts'] {
  const ofOrganization = text('ESTATE_ACCOUNTS') === 'organization';
  const takes = 'organization, or account numbers of 12 digits, separated by commas';
  const given = ofOrganization ? 'organization' : accounts('ESTATE_ACCOUNTS', takes);
  if (given !== undefined && text('ASSUME_ROLE_NAME') === undefined)
    wrong('ESTATE_ACCOUNTS', 'accounts only with ASSUME_ROLE_NAME, the role that is assumed in them');
  return given;
}

function readOrganizationRole({ text, matching }: Variables): EstateConfig['organizationRole'] {
  const given = matching('ORGANIZATION_ROLE_NAME', ROLE_OR_ARN, 'the name of an IAM role, or its ARN');
  const externalId = text('ORGANIZATION_ROLE_EXTERNAL_ID');
  if (given === undefined) return undefined;
  const [, account, name = given] = ROLE_OR_ARN.exec(given) ?? [];
  return { name, ...(account !== undefined && { account }), ...externalIdIn(externalId) };
}

function readRegions({ text, list }: Variables): EstateConfig['regions'] {
  if (text('ESTATE_REGIONS') === 'enabled') return 'enabled';
  return list('ESTATE_REGIONS', (region) => REGION.test(region), 'enabled, or AWS Regions, separated by commas');
}

function readInterval({ text, matching }: Variables): number | undefined {
  if (text('ESTATE_SURVEY_INTERVAL') === 'off') return undefined;
  const takes = 'a time like 30m, 6h or 1d, or off';
  return durationMs(matching('ESTATE_SURVEY_INTERVAL', /^[1-9]\d{0,3}[mhd]$/, takes) ?? '6h');
}

function readQueueUrl({ text, wrong }: Variables): string | undefined {
  const value = text('ESTATE_EVENTS_QUEUE_URL');
  if (value !== undefined && !(isSecureUrl(value) && QUEUE_PATH.test(new URL(value).pathname)))
    wrong(
      'ESTATE_EVENTS_QUEUE_URL',
      'the URL of an SQS queue, like https://sqs.us-east-1.amazonaws.com/111111111111/NAME',
    );
  return value;
}
