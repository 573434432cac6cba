import { durationMs } from '../duration.ts';
import { isSecureUrl } from '../secure-url.ts';

/** Whose secrets are surveyed, in which Regions, and how often. */
export type EstateConfig = {
  /** Undefined for the service's own; `organization`: those that the organization has. */
  accounts: readonly string[] | 'organization' | undefined;
  /** In the management account, to ask whose accounts the organization has; undefined where the service's own may. */
  organizationRole: OrganizationRole | undefined;
  /** Undefined for the service's own; `enabled`: those that each account has enabled. */
  regions: readonly string[] | 'enabled' | undefined;
  /** From the end of one survey to the next; undefined for none by itself. */
  surveyEveryMs: number | undefined;
  /** The SQS queue where change events arrive; undefined for none. */
  eventsQueueUrl: string | undefined;
};

/** `account`: where that is not the management account, but a delegated administrator's. */
type OrganizationRole = { name: string; account?: string; externalId?: string };

/** @param text a variable, undefined where it is empty; @param wrong says that it is not as it must be, and what it takes */
export function readEstate(
  text: (name: string) => string | undefined,
  wrong: (name: string, takes: string) => void,
  region: RegExp,
): EstateConfig {
  const list = (name: string, pattern: RegExp, takes: string): string[] | undefined => {
    const items = text(name)
      ?.split(',')
      .map((item) => item.trim());
    if (items?.every((item) => pattern.test(item)) === false) wrong(name, `${takes}, separated by commas`);
    return items && [...new Set(items)];
  };
  const readInterval = (): number | undefined => {
    const value = text('ESTATE_SURVEY_INTERVAL') ?? '6h';
    if (/^[1-9]\d{0,3}[mhd]$/.test(value)) return durationMs(value);
    if (value !== 'off') wrong('ESTATE_SURVEY_INTERVAL', 'a time like 30m, 6h or 1d, or off');
    return undefined;
  };

  const readQueueUrl = (): string | undefined => {
    const value = text('ESTATE_EVENTS_QUEUE_URL');
    if (value !== undefined && !(isSecureUrl(value) && QUEUE_PATH.test(new URL(value).pathname)))
      wrong(
        'ESTATE_EVENTS_QUEUE_URL',
        'the URL of an SQS queue, like https://sqs.us-east-1.amazonaws.com/111111111111/NAME',
      );
    return value;
  };

  const readOrganizationRole = (): EstateConfig['organizationRole'] => {
    const given = text('ORGANIZATION_ROLE_NAME');
    const externalId = text('ORGANIZATION_ROLE_EXTERNAL_ID');
    if (given === undefined) return undefined;
    const [, account, name = given] = ROLE_ARN.exec(given) ?? [];
    if (!ROLE_NAME.test(name)) wrong('ORGANIZATION_ROLE_NAME', 'the name of an IAM role, or its ARN');
    return { name, ...(account !== undefined && { account }), ...(externalId !== undefined && { externalId }) };
  };

  const ofOrganization = text('ESTATE_ACCOUNTS') === 'organization';
  const accounts = ofOrganization
    ? 'organization'
    : list('ESTATE_ACCOUNTS', /^\d{12}$/, 'organization, or account numbers of 12 digits');
  if (accounts !== undefined && text('ASSUME_ROLE_NAME') === undefined)
    wrong('ESTATE_ACCOUNTS', 'accounts only with ASSUME_ROLE_NAME, the role that is assumed in them');
  return {
    accounts,
    organizationRole: readOrganizationRole(),
    regions:
      text('ESTATE_REGIONS') === 'enabled' ? 'enabled' : list('ESTATE_REGIONS', region, 'enabled, or AWS Regions'),
    surveyEveryMs: readInterval(),
    eventsQueueUrl: readQueueUrl(),
  };
}

const ROLE_ARN = /^arn:aws(?:-cn|-us-gov)?:iam::(\d{12}):role\/(.+)$/;
const ROLE_NAME = /^[\w+=,.@/-]{1,512}$/;
const QUEUE_PATH = /^\/\d{12}\/[\w-]{1,80}$/;
