import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { KMSClient } from '@aws-sdk/client-kms';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import t, { type Test } from 'tap';
import { createAwsClients } from '../../src/aws/clients.ts';
import { createKeys } from '../../src/aws/keys.ts';
import { createSecretDirectory } from '../../src/aws/secrets/secret-directory.ts';
import { createSecretPolicies } from '../../src/aws/secrets/secret-policies.ts';
import { freePort } from '../free-port.ts';
import { PATIENT } from '../helper.ts';
import { MARY, start } from '../local-aws/start.ts';
import { until } from '../wait.ts';
import { type Backend, secretPoliciesContract } from './secret-policies.ts';

/** Our adapters as `service`, and the owner's clients, before one endpoint. */
function connect(t: Test, endpoint: string, service: string, owner: string): Omit<Backend, 'principal'> {
  const as = (accessKeyId: string) => ({
    region: 'us-east-1',
    endpoint,
    credentials: { accessKeyId, secretAccessKey: 'any' },
  });
  const clients = createAwsClients({
    ...as(service),
    ...PATIENT,
    maxClients: 10,
    clock: () => new Date(),
  });
  const ownerClients = { secretsManager: new SecretsManagerClient(as(owner)), kms: new KMSClient(as(owner)) };
  t.teardown(() => {
    clients.close();
    ownerClients.secretsManager.destroy();
    ownerClients.kms.destroy();
  });
  return {
    policies: createSecretPolicies(clients),
    directory: createSecretDirectory(clients),
    keys: createKeys(clients),
    owner: ownerClients,
  };
}

t.test('the embedded stand-in', async (t) => {
  secretPoliciesContract(t, async (t) => {
    const { local } = await start(t);
    return { ...connect(t, local.url, 'LOCALSERVICE', 'LOCALOWNER'), principal: MARY };
  });
});

const withoutMoto = !hasMoto() && 'moto_server is not on the PATH';
t.test('moto, the stand-in that others use', { skip: withoutMoto }, async (t) => {
  const endpoint = await startMoto(t);
  const lenient =
    'moto 5.2.1 attaches any text, to secrets scheduled for deletion too, answers Validate with 500, and repeats grants';
  secretPoliciesContract(t, async (t) => ({ ...connect(t, endpoint, 'any', 'any'), principal: MARY }), lenient);
});

function hasMoto(): boolean {
  try {
    execFileSync('moto_server', ['--help'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function startMoto(t: Test): Promise<string> {
  const port = await freePort();
  const moto = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  t.teardown(() => stop(moto));
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${url}/moto-api/`)).ok);
  return url;
}

async function stop(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null) return;
  process.kill();
  await once(process, 'exit');
}
