import { rmSync } from 'node:fs';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { buildApp } from '../../app.ts';
import { readConfig } from '../../src/config/index.ts';
import { type LocalAws, startLocalAws } from '../../src/local-aws/index.ts';
import type { PolicyDocument } from '../../src/policy/document.ts';
import { PATIENT, UNPRESSED } from '../helper.ts';
import { scratch } from '../scratch.ts';
import {
  ACCOUNTS,
  ADMIN_KEY,
  CALLERS,
  type Caller,
  isRole,
  KEEPER,
  KEEPER_KEY,
  OWNER,
  PRINCIPALS,
  SERVICE_ROLE,
} from './cast.ts';
import type { Action } from './world.ts';

export type Answer = { status: number; json: Record<string, unknown> };

/** Of any of the three actions. */
export type Input = { SecretId: string; SecretString?: string; VersionStages?: string[]; VersionStage?: string };

/** One stand-in with the cast and one service, for all worlds; each world has a secret and keys of its own. */
export type Bed = {
  aws: LocalAws;
  ask(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    payload?: object,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** A call through the real SDK. @throws Error of the SDK */
  send(caller: Caller, region: string, action: Action, input: Input): Promise<unknown>;
  /** The estate’s index is brought up to date on one secret. */
  lookAgain(arn: string): Promise<unknown>;
  close(): Promise<void>;
};

/** An identity policy that lets everything. */
export const EVERYTHING: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

export async function makeBed(): Promise<Bed> {
  const aws = await startLocalAws({ port: 0, file: ':memory:' });
  bringCast(aws);
  const directory = scratch('worlds');
  const config = readConfig({
    ESTATE_SURVEY_INTERVAL: 'off',
    AUTH_MODE: 'none',
    DATABASE_URL: `sqlite:${directory}/audit.db`,
    AWS_REGION: 'us-east-1',
    RATE_LIMIT_MAX: '1000000',
    AWS_REQUESTS_PER_SECOND: '10000',
  });
  const credentials = { accessKeyId: 'SERVICE', secretAccessKey: 'x' };
  const app = await buildApp(config, { aws: { endpoint: aws.url, credentials, ...PATIENT }, pressure: UNPRESSED });
  const clients = new Map<string, SecretsManagerClient>();
  const clientOf = ({ accessKeyId }: Caller, region: string) => {
    const name = `${accessKeyId} ${region}`;
    const client =
      clients.get(name) ??
      new SecretsManagerClient({
        region,
        endpoint: aws.url,
        credentials: { accessKeyId, secretAccessKey: 'x' },
        // A connection may be let go of just when it is used again.
        maxAttempts: 3,
      });
    clients.set(name, client);
    return client;
  };
  return {
    aws,
    ask: async (method, url, payload, headers = {}) => {
      const response = await app.inject({ method, url, headers, ...(payload && { payload }) });
      return { status: response.statusCode, json: response.body === '' ? {} : response.json() };
    },
    send: (caller, region, action, input) => {
      const client = clientOf(caller, region);
      if (action === 'secretsmanager:GetSecretValue') return client.send(new GetSecretValueCommand(input));
      if (action === 'secretsmanager:DescribeSecret') return client.send(new DescribeSecretCommand(input));
      return client.send(new PutSecretValueCommand(input));
    },
    lookAgain: app.services.estate.again,
    close: async () => {
      for (const client of clients.values()) client.destroy();
      await app.close();
      await aws.close();
      rmSync(directory, { recursive: true });
    },
  };
}

function bringCast({ accounts, directory, servicePolicy }: LocalAws): void {
  directory.createUser({ arn: `arn:aws:iam::${OWNER}:user/admin`, policies: [EVERYTHING], accessKeyId: ADMIN_KEY });
  directory.createUser({ arn: `arn:aws:iam::${KEEPER}:user/admin`, policies: [EVERYTHING], accessKeyId: KEEPER_KEY });
  directory.createRole({ arn: SERVICE_ROLE, policies: [servicePolicy], accessKeyId: 'SERVICE' });
  for (const principal of PRINCIPALS) {
    const { arn, tags } = principal;
    const keys = CALLERS.filter((caller) => caller.principal === principal);
    if (isRole(principal)) {
      directory.createRole({ arn, tags, policies: [] });
      for (const { session = '', accessKeyId } of keys) directory.createSession(arn, session, accessKeyId);
    } else {
      for (const { accessKeyId } of keys) directory.createUser({ arn, tags, policies: [], accessKeyId });
    }
  }
  for (const account of [...ACCOUNTS, KEEPER]) accounts.setOrganization(account, null);
}
