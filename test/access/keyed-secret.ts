import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  CreateKeyCommand,
  KMSClient,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ReplicateSecretToRegionsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Test } from 'tap';
import type { PolicyDocument } from '../../src/policy/document.ts';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { type BuildOptions, build, MARY } from '../helper.ts';

export type Leg = {
  leg: string;
  status: string;
  account: string;
  region?: string;
  detail: string;
  settlesAt?: string;
  statement?: { Action: string[]; Resource: string | string[]; Condition?: Record<string, Record<string, unknown>> };
};

export const HOME = 'us-east-1';
export const ABROAD = 'eu-west-1';
/** Of the first value. */
export const VERSION = '00000000-0000-4000-8000-000000000001';

/** What Mary's account lets her do: everything that a reader or writer of secrets takes. */
export const MARYS_POLICY: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['secretsmanager:*', 'kms:*'], Resource: '*' }],
};

/** The whole service, and a secret under a key that nobody but its own account may use. */
export const keyedSecret = async (t: Test, options: BuildOptions = {}) => (await keyedSecrets(t, options))();

/** The same behind a proxy, which counts what AWS is asked. */
export async function countedSecret(t: Test) {
  const started = Promise.withResolvers<FaultProxy>();
  const secret = await keyedSecret(t, {
    endpoint: async (aws) => {
      started.resolve(await startFaultProxy({ target: aws.url }));
      return (await started.promise).url;
    },
  });
  const proxy = await started.promise;
  t.teardown(() => proxy.close());
  return { secret, proxy };
}

/** As keyedSecret, for as many secrets as are asked for, each under a key of its own. */
export async function keyedSecrets(t: Test, options: BuildOptions = {}) {
  let late = 0;
  const service = await build(t, { ...options, overrides: { clock: () => new Date(Date.now() + late) } });
  const { aws, call } = service;
  const clients: { destroy(): void }[] = [];
  const settings = (accessKeyId: string, region: string) => ({
    region,
    endpoint: aws.url,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey: 'any' },
  });
  const kept = <T extends { destroy(): void }>(client: T): T => {
    clients.push(client);
    return client;
  };
  t.teardown(() => {
    for (const client of clients) client.destroy();
  });
  const secrets = (accessKeyId: string, region = HOME) => kept(new SecretsManagerClient(settings(accessKeyId, region)));
  const kms = (region = HOME) => kept(new KMSClient(settings('LOCALOWNER', region)));
  const createKey = async (region = HOME) => (await kms(region).send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';

  let number = 0;
  return async () => {
    number += 1;
    const KeyId = await createKey();
    const secret = { Name: `team/keyed${number}`, KmsKeyId: KeyId, SecretString: 'value', ClientRequestToken: VERSION };
    const { ARN: arn = '' } = await secrets('LOCALOWNER').send(new CreateSecretCommand(secret));
    const url = `/v1/secrets/${encodeURIComponent(arn)}`;
    const inRegion = (region: string) => arn.replace(HOME, region);

    return {
      ...service,
      arn,
      url,
      KeyId,
      createKey,
      inRegion,
      /** The service's clock goes ahead; unless told, until it no longer remembers what it saw of keys. */
      later: (milliseconds = 16_000) => {
        late += milliseconds;
      },
      /** A replica under this key, or the AWS managed one. */
      replicate: (KmsKeyId?: string, region = ABROAD) =>
        secrets('LOCALOWNER').send(
          new ReplicateSecretToRegionsCommand({
            SecretId: arn,
            AddReplicaRegions: [{ Region: region, ...(KmsKeyId && { KmsKeyId }) }],
          }),
        ),
      grant: (input: Partial<CreateGrantCommandInput>, region = HOME) =>
        kms(region).send(new CreateGrantCommand({ KeyId, GranteePrincipal: MARY, Operations: ['Decrypt'], ...input })),
      /** Statements beside the one that lets the key's account administer it. */
      putKeyPolicy: (statements: readonly object[], key = KeyId, region = HOME) => {
        const root = {
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111111111111:root' },
          Action: 'kms:*',
          Resource: '*',
        };
        const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [root, ...statements] });
        return kms(region).send(new PutKeyPolicyCommand({ KeyId: key, Policy }));
      },
      /** `done`, or the name of the error that she got. */
      maryReads: (region = HOME) =>
        outcome(secrets('LOCALMARY', region).send(new GetSecretValueCommand({ SecretId: inRegion(region) }))),
      maryWrites: () =>
        outcome(secrets('LOCALMARY').send(new PutSecretValueCommand({ SecretId: arn, SecretString: 'new' }))),
      share: (body: object = {}, query = '') => call('POST', `${url}/shares${query}`, { principal: MARY, ...body }),
      /** The legs of an access check of Mary's, whose identity policies are told. */
      async legsOf(action: string, identityPolicies: object[] = [MARYS_POLICY]): Promise<Leg[]> {
        const question = { principal: MARY, action, identityPolicies };
        return (await call('POST', `${url}/access-checks`, question)).json.legs;
      },
    };
  };
}

export const keyLegs = (legs: readonly Leg[]): Leg[] => legs.filter(({ leg }) => leg === 'keyPolicy');
export const legOf = (legs: readonly Leg[], region = HOME): Leg | undefined =>
  keyLegs(legs).find((leg) => leg.region === region);

const outcome = (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => 'done',
    (error: Error) => error.name,
  );
