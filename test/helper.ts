import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { buildApp } from '../app.ts';
import { readConfig } from '../src/config/index.ts';
import { connect } from '../src/database/connect.ts';
import { type LocalAws, seed, startLocalAws } from '../src/local-aws/index.ts';
import { COMMAND_KEY_FILE } from './command-key.ts';
import { goesOn, insistDocumented } from './documented.ts';
import type { Ending } from './ending.ts';
import { inject } from './inject.ts';
import { scratch } from './scratch.ts';

/** Time limits of calls to AWS that no busy machine reaches: those who test the limits give their own. */
export const PATIENT = { callTimeoutMs: 120_000, deadlineMs: 240_000 };
/** Faults that tests cause land sooner than this; and how many calls a change costs must not depend on a machine's speed. */
export const TIMING = { landedAfterMs: 3_000, rereadAfterMs: 600_000, ownSideMs: 240_000 };
/** A lag of the event loop that no busy machine reaches, nor what else runs in the process of a test. */
export const UNPRESSED = { maxDelayMs: 600_000 };
export const MARY = 'arn:aws:iam::123456789999:user/Mary';
export const APP_ROLE = 'arn:aws:iam::222222222222:role/app';

export type Call = Awaited<ReturnType<typeof build>>['call'];

export type BuildOptions = {
  /** Environment variables over those of a test. */
  env?: Record<string, string>;
  /** The embedded Secrets Manager of a service that was built before; one of its own if left out. */
  aws?: LocalAws;
  /** Where the service finds AWS; the stand-in itself unless a proxy is put before it. */
  endpoint?: (aws: LocalAws) => Promise<string> | string;
  overrides?: Parameters<typeof buildApp>[1];
};

let empty: Promise<string> | undefined;

/** A database of the newest schema, made once for all services of a process: each step of a migration waits for the disk. */
function emptyDatabase(): Promise<string> {
  empty ??= makeDatabase();
  return empty;
}

/** A file that is not there yet needs no migrations then. */
async function putTables(url: string): Promise<void> {
  const [, file] = /^sqlite:(.*)$/.exec(url) ?? [];
  if (file !== undefined && !existsSync(file)) copyFileSync(await emptyDatabase(), file);
}

async function makeDatabase(): Promise<string> {
  const directory = scratch('empty-database');
  process.once('exit', () => rmSync(directory, { recursive: true }));
  const file = join(directory, 'audit.db');
  await (await connect(`sqlite:${file}`)).close();
  return file;
}

/** The whole service against an embedded Secrets Manager of its own, over real HTTP; both close with the test. */
export async function build(
  t: Ending,
  { env = {}, aws: given, endpoint = (aws) => aws.url, overrides = {} }: BuildOptions = {},
) {
  const aws = given ?? (await startSeeded());
  // Not t.testdir(), which files that run in one process share.
  const directory = scratch('service');
  const { DATABASE_URL = `sqlite:${directory}/audit.db` } = env;
  await putTables(DATABASE_URL);
  const config = readConfig({
    AUTH_MODE: 'none',
    DATABASE_URL,
    AWS_REGION: 'us-east-1',
    ASSUME_ROLE_NAME: 'secret-access-target',
    ASSUME_ROLE_EXTERNAL_ID: 'local',
    RATE_LIMIT_MAX: '1000000',
    COMMAND_KEY_FILE,
    ALLOWED_ACCOUNTS: '*',
    ESTATE_SURVEY_INTERVAL: 'off',
    ...env,
  });
  const app = await buildApp(config, {
    timing: TIMING,
    pressure: UNPRESSED,
    ...overrides,
    aws: {
      endpoint: await endpoint(aws),
      credentials: { accessKeyId: 'LOCALSERVICE', secretAccessKey: 'x' },
      ...PATIENT,
      ...overrides.aws,
    },
  });
  const clients = new Map<string, SecretsManagerClient>();
  t.teardown(async () => {
    for (const client of clients.values()) client.destroy();
    await app.close();
    if (given === undefined) await aws.close();
    rmSync(directory, { recursive: true });
  });

  return {
    app,
    aws,
    /** One request as a client makes it; `json` is the answer's body. @throws Error for an answer that is not as documented */
    async call(
      method: 'GET' | 'POST' | 'PUT' | 'DELETE',
      url: string,
      payload?: unknown,
      headers: Record<string, string> = {},
    ) {
      const request = { method, url, headers, ...(payload !== undefined && { payload: payload as object }) };
      const response = await inject(app, request, goesOn(method, url));
      insistDocumented(method, url, response);
      const isJson = /[/+]json\b/.test(String(response.headers['content-type'])) && response.body !== '';
      return {
        status: response.statusCode,
        headers: response.headers,
        body: response.body,
        json: isJson ? response.json() : undefined,
      };
    },
    /** What the holder of an access key gets from GetSecretValue: `read`, or the name of the error. */
    async readAs(accessKeyId: string, secretArn: string, versionStage?: string): Promise<string> {
      const client = clients.get(accessKeyId) ?? readerOf(aws, accessKeyId);
      clients.set(accessKeyId, client);
      try {
        await client.send(
          new GetSecretValueCommand({ SecretId: secretArn, ...(versionStage && { VersionStage: versionStage }) }),
        );
        return 'read';
      } catch (error) {
        return (error as Error).name;
      }
    },
    async arnOf(name: string): Promise<string> {
      const response = await app.inject({ url: `/v1/secrets/${encodeURIComponent(name)}` });
      return response.json().arn;
    },
  };
}

/** A connection for each call: one that is kept may be let go of just when it is used again. */
const readerOf = ({ url }: LocalAws, accessKeyId: string): SecretsManagerClient =>
  new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: url,
    credentials: { accessKeyId, secretAccessKey: 'x' },
    maxAttempts: 1,
    requestHandler: { httpAgent: { keepAlive: false } },
  });

async function startSeeded(): Promise<LocalAws> {
  const aws = await startLocalAws({ port: 0, file: ':memory:' });
  seed(aws);
  return aws;
}
