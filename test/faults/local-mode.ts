import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Test } from 'tap';
import { CHILD_ENV } from '../child-env.ts';
import { freePort } from '../free-port.ts';
import { scratch } from '../scratch.ts';

/** `npm start` as a process of its own, on other ports and with data of its own; and its embedded Secrets Manager as people use it. */
export async function startLocalMode(t: Test) {
  const [port, awsPort] = [await freePort(), await freePort()];
  const child = spawn(process.execPath, ['bin/local.ts'], {
    env: {
      ...CHILD_ENV,
      PORT: String(port),
      LOCAL_AWS_PORT: String(awsPort),
      LOCAL_DATA_DIR: scratch('local-mode'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(async () => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit');
  });
  const said = createInterface({ input: child.stdout });
  for await (const line of said) if (line.includes('Try it in another terminal')) break;
  child.stdout.resume();

  const as = (caller: string) => {
    const client = new SecretsManagerClient({
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${awsPort}`,
      credentials: { accessKeyId: caller, secretAccessKey: 'any' },
    });
    t.teardown(() => client.destroy());
    return client;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    /** Creates a secret as its owner. @returns its ARN */
    async create(Name: string): Promise<string> {
      const secret = { Name, KmsKeyId: 'alias/demo', SecretString: 'not-a-real-secret' };
      return (await as('LOCALOWNER').send(new CreateSecretCommand(secret))).ARN ?? '';
    },
    /** Whether a caller reads a secret by its ARN, or what AWS says in place of it. */
    readAs: (caller: string, SecretId: string): Promise<string> =>
      as(caller)
        .send(new GetSecretValueCommand({ SecretId }))
        .then(
          () => 'read',
          (error: Error) => error.name,
        ),
  };
}
