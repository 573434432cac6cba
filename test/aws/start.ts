import type { Test } from 'tap';
import { type AwsClientOptions, createAwsClients } from '../../src/aws/clients.ts';
import { createKeys } from '../../src/aws/keys.ts';
import { createSecretDirectory } from '../../src/aws/secrets/secret-directory.ts';
import { createSecretPolicies } from '../../src/aws/secrets/secret-policies.ts';
import { DomainError } from '../../src/problems/problem.ts';
import { PATIENT } from '../helper.ts';
import { arnOf, start } from '../local-aws/start.ts';
import { startFaultProxy } from './fault-proxy.ts';

/** The adapters as the service's role, through a proxy that can cause faults, before a seeded stand-in. */
export async function startAdapters(t: Test, options: Partial<AwsClientOptions> = {}) {
  const { local } = await start(t);
  const proxy = await startFaultProxy({ target: local.url });
  const clients = createAwsClients({
    region: 'us-east-1',
    ...PATIENT,
    maxClients: 50,
    clock: () => new Date(),
    endpoint: proxy.url,
    credentials: { accessKeyId: 'LOCALSERVICE', secretAccessKey: 'any' },
    ...options,
  });
  t.teardown(async () => {
    clients.close();
    await proxy.close();
  });
  return {
    local,
    proxy,
    clients,
    policies: createSecretPolicies(clients),
    directory: createSecretDirectory(clients),
    keys: createKeys(clients),
    arn: arnOf(local, 'demo/database'),
  };
}

/** The DomainError that a call fails with. Anything else it does fails the test. */
export async function problemOf(call: Promise<unknown>): Promise<DomainError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('The call succeeded.');
}
