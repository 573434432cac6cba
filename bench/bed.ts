import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { pino } from 'pino';
import { buildApp } from '../app.ts';
import { readConfig } from '../src/config/index.ts';
import type { Told } from './backend.ts';

const AWS = { region: 'us-east-1', credentials: { accessKeyId: 'LOCALSERVICE', secretAccessKey: 'x' } };

type Bed = {
  /** AWS, in a process of its own. */
  backend: ChildProcess;
  /** Has it change what it does. @returns its policy calls so far */
  tell(what: Told): Promise<number>;
  /** The file of the service’s database. */
  database: string;
  /** Where AWS is. */
  endpoint: string;
  /** Where the service listens, in this process. */
  url: string;
  sdk: SecretsManagerClient;
  /** What a share takes at least, by the bare SDK. */
  bare(SecretId: string): Promise<void>;
  close(): Promise<void>;
};

/** The service and the bare SDK, before the same stand-in. @param options.events whether the service is told what others change */
export async function startBed({ requestsPerSecond = 10_000, events = false } = {}): Promise<Bed> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  const backend = fork(new URL('backend.ts', import.meta.url), events ? ['--events'] : []);
  const [{ url: endpoint }] = (await once(backend, 'message')) as [{ url: string }];
  const database = join(directory, 'audit.db');
  const config = readConfig({
    ESTATE_SURVEY_INTERVAL: 'off',
    AUTH_MODE: 'none',
    DATABASE_URL: `sqlite:${database}`,
    AWS_REQUESTS_PER_SECOND: String(requestsPerSecond),
    RATE_LIMIT_MAX: '1000000',
    ...(events && { ESTATE_EVENTS_QUEUE_URL: `${endpoint}/111111111111/secret-access-events` }),
  });
  const app = await buildApp(config, {
    aws: { ...AWS, endpoint },
    loggerInstance: pino({ level: 'silent' }),
    // A busy moment of the machine is measured, and not refused.
    pressure: { maxDelayMs: 600_000 },
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const sdk = new SecretsManagerClient({ ...AWS, endpoint });
  return {
    ...{ backend, endpoint, url, sdk, database },
    async tell(what) {
      backend.send(what);
      const [{ policyCalls }] = (await once(backend, 'message')) as [{ policyCalls: number }];
      return policyCalls;
    },
    async bare(SecretId) {
      const { ResourcePolicy = '' } = await sdk.send(new GetResourcePolicyCommand({ SecretId }));
      await sdk.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy, BlockPublicPolicy: true }));
    },
    async close() {
      await app.close();
      sdk.destroy();
      backend.kill();
      rmSync(directory, { recursive: true });
    },
  };
}
