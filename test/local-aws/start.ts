import { KMSClient } from '@aws-sdk/client-kms';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { STSClient } from '@aws-sdk/client-sts';
import type { Test } from 'tap';
import { type LocalAws, type LocalAwsOptions, seed, startLocalAws } from '../../src/local-aws/index.ts';

export const MARY = 'arn:aws:iam::123456789999:user/Mary';
export const SERVICE_ROLE = 'arn:aws:iam::111111111111:role/secret-access-service';

/** A seeded stand-in on a free port, closed with the test, and the SDK's clients for any caller. */
export async function start(t: Test, options: Partial<LocalAwsOptions> = {}) {
  const local = await startLocalAws({ port: 0, file: ':memory:', ...options });
  seed(local);
  const clients: { destroy(): void }[] = [];
  t.teardown(async () => {
    for (const client of clients) client.destroy();
    await local.close();
  });
  const settings = (accessKeyId: string, region: string, sessionToken?: string) => ({
    region,
    endpoint: local.url,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey: 'any', ...(sessionToken && { sessionToken }) },
  });
  const kept = <T extends { destroy(): void }>(client: T): T => {
    clients.push(client);
    return client;
  };
  type Settings = ReturnType<typeof settings>;
  return {
    local,
    /** Of any other service. */
    client: <T extends { destroy(): void }>(Client: new (settings: Settings) => T, key: string, region = 'us-east-1') =>
      kept(new Client(settings(key, region))),
    secretsManager: (key: string, region = 'us-east-1', token?: string) =>
      kept(new SecretsManagerClient(settings(key, region, token))),
    kms: (key: string, region = 'us-east-1', token?: string) => kept(new KMSClient(settings(key, region, token))),
    sts: (key: string, token?: string) => kept(new STSClient(settings(key, 'us-east-1', token))),
  };
}

/** The ARN of a secret, seen by its owner. */
export const arnOf = (local: LocalAws, name: string, owner = 'LOCALOWNER'): string =>
  String(local.call(owner, 'us-east-1', 'secretsmanager', 'DescribeSecret', { SecretId: name })['ARN']);

export const policyOf = (...statements: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

/** The two statements that the service exists for, as the AWS guide shows them. */
export const allowMary = { Effect: 'Allow', Action: 'secretsmanager:*', Principal: { AWS: MARY }, Resource: '*' };
export const denyMary = {
  Effect: 'Deny',
  Action: 'secretsmanager:GetSecretValue',
  Principal: { AWS: MARY },
  Resource: '*',
};
