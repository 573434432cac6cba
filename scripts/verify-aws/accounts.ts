import { KMSClient } from '@aws-sdk/client-kms';
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
  sessionOf(roleArn: string): Promise<Keys>;
  close(): void;
};

/** @throws Error of the SDK, where the profile is not there or its credentials are not taken */
export async function openAccount(profile: string, region: string): Promise<Account> {
  const sts = new STSClient({ profile, region });
  const { Account: id = '', Arn: arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
  const clients = {
    secretsManager: new SecretsManagerClient({ profile, region }),
    kms: new KMSClient({ profile, region }),
  };
  return {
    id,
    arn,
    ...clients,
    iam: createIamClient(() => sts.config.credentials(), process.env['AWS_ENDPOINT_URL']),
    sessionOf: async (RoleArn) => {
      const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'verify-aws' }));
      const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials ?? {};
      return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    },
    close: () => {
      for (const client of [sts, ...Object.values(clients)]) client.destroy();
    },
  };
}

export const secretsManagerOf = ({ accessKeyId, secretAccessKey, sessionToken }: Keys, region: string) =>
  new SecretsManagerClient({
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
  });
