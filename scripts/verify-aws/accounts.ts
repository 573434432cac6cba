import { KMSClient } from '@aws-sdk/client-kms';
import { DescribeOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createIamClient, type Keys } from './iam-client.ts';

/** One account, as the holder of a profile sees it. */
export type Account = {
  id: string;
  arn: string;
  secretsManager: SecretsManagerClient;
  kms: KMSClient;
  iam: ReturnType<typeof createIamClient>;
  /** @param policy a session policy */
  sessionOf(roleArn: string, policy?: string): Promise<Keys>;
  /** The id of the organization that it is in, where it is in one and may ask. */
  organization(): Promise<string | undefined>;
  close(): void;
};

/** @throws Error of the SDK, where the profile is not there or its credentials are not taken */
export async function openAccount(profile: string, region: string): Promise<Account> {
  const sts = new STSClient({ profile, region });
  const { Account: id = '', Arn: arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
  const organizations = new OrganizationsClient({ profile, region });
  const clients = {
    secretsManager: new SecretsManagerClient({ profile, region }),
    kms: new KMSClient({ profile, region }),
  };
  return {
    id,
    arn,
    ...clients,
    iam: createIamClient(() => sts.config.credentials(), process.env['AWS_ENDPOINT_URL']),
    sessionOf: async (RoleArn, Policy) => {
      const session = { RoleArn, RoleSessionName: 'verify-aws', ...(Policy !== undefined && { Policy }) };
      const { Credentials } = await sts.send(new AssumeRoleCommand(session));
      const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials ?? {};
      return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    },
    organization: async () => {
      try {
        return (await organizations.send(new DescribeOrganizationCommand({}))).Organization?.Id;
      } catch (error) {
        if (error instanceof Error && /^(AccessDenied|AWSOrganizationsNotInUse)/.test(error.name)) return undefined;
        throw error;
      }
    },
    close: () => {
      for (const client of [sts, organizations, ...Object.values(clients)]) client.destroy();
    },
  };
}

export const secretsManagerOf = ({ accessKeyId, secretAccessKey, sessionToken }: Keys, region: string) =>
  new SecretsManagerClient({
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
  });
