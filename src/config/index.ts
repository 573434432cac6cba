import type { LevelWithSilent } from 'pino';
import type { AuthConfig } from '../authentication/index.ts';
import type { EstateConfig } from '../estate/config.ts';
import { readAuth } from './auth.ts';
import { type AwsConfig, readAws } from './aws.ts';
import { ConfigError } from './config-error.ts';
import { type DatabaseConfig, readDatabase } from './database.ts';
import { readEstate } from './estate.ts';
import { type ReaderConfig, readReader } from './readers.ts';
import { readServer, type ServerConfig } from './server.ts';
import { createVariables, type Env } from './variables.ts';

/** Everything the environment may set. The AWS SDK reads its own variables besides (credentials, AWS_ENDPOINT_URL_…). */
export type Config = ServerConfig &
  DatabaseConfig &
  AwsConfig & {
    logLevel: LevelWithSilent;
    auth: AuthConfig;
    /** Directory of Cedar policies; undefined for the set that ships. */
    policiesDir: string | undefined;
    /** Whose secrets are surveyed, in which Regions, and how often. */
    estate: EstateConfig;
    reader: ReaderConfig | undefined;
    audit: {
      /** PEM file of an Ed25519 private key that signs checkpoints of the chain. */
      checkpointKeyFile: string | undefined;
      /** Also append each checkpoint to this file, outside the database. */
      checkpointFile: string | undefined;
    };
    otelEndpoint: string | undefined;
    /** OAuth2 client that Swagger UI uses for Authorize (authorization code with PKCE). */
    swaggerOAuthClientId: string | undefined;
    /** OAuth2 client by which people sign in to the console (likewise). */
    consoleOAuthClientId: string | undefined;
  };

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** @throws ConfigError with every problem at once */
export function readConfig(env: Env): Config {
  const problems: string[] = [];
  const variables = createVariables(env, (name, takes) => {
    problems.push(`${name} is ${shown(env[name])}; it takes ${takes}.`);
  });
  const { text } = variables;
  const server = readServer(variables);
  const config: Config = {
    ...server,
    ...readDatabase(variables),
    ...readAws(variables),
    logLevel: variables.oneOf('LOG_LEVEL', 'info', LEVELS) ?? 'info',
    auth: readAuth(variables, server.host),
    policiesDir: text('POLICIES_DIR'),
    estate: readEstate(variables),
    reader: readReader(variables),
    audit: { checkpointKeyFile: text('AUDIT_CHECKPOINT_KEY_FILE'), checkpointFile: text('AUDIT_CHECKPOINT_FILE') },
    otelEndpoint: variables.url('OTEL_EXPORTER_OTLP_ENDPOINT'),
    swaggerOAuthClientId: text('SWAGGER_OAUTH_CLIENT_ID'),
    consoleOAuthClientId: text('CONSOLE_OAUTH_CLIENT_ID'),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** Values are shown, but never one that may hold a password. */
const shown = (value: string | undefined): string =>
  value === undefined || value === ''
    ? 'not set'
    : /:\/\/[^/]*@|[?&]pass/i.test(value)
      ? 'set to a URL with credentials'
      : JSON.stringify(value);
