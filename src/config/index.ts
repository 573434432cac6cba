import { isIP } from 'node:net';
import type { LevelWithSilent } from 'pino';
import type { AuthConfig } from '../authentication/index.ts';
import { type EstateConfig, readEstate } from '../estate/config.ts';
import { isLoopback, isSecureUrl } from '../secure-url.ts';
import { type PasswordSource, readPasswordSource } from './database.ts';
import { type ReaderConfig, readReader } from './readers.ts';

/** Everything the environment may set. The AWS SDK reads its own variables besides (credentials, AWS_ENDPOINT_URL_…). */
export type Config = {
  host: string;
  port: number;
  logLevel: LevelWithSilent;
  databaseUrl: string;
  /** Of PostgreSQL, where the URL has none. */
  databasePassword: PasswordSource | undefined;
  /** Keys that what is stored and run later is sealed with; undefined for a file beside the SQLite database. */
  commandKeyFile: string | undefined;
  auth: AuthConfig;
  /** Directory of Cedar policies; undefined for the set that ships. */
  policiesDir: string | undefined;
  region: string;
  /** Accounts whose secrets may be named by ARN: numbers, any, or the service's own alone. */
  allowedAccounts: readonly string[] | 'any' | 'own';
  assumeRole: { name: string; externalId?: string } | undefined;
  /** Policy calls a second per account and Region from this replica; AWS takes 50 from all together. */
  awsRequestsPerSecond: number;
  /** Whose secrets are surveyed, in which Regions, and how often. */
  estate: EstateConfig;
  reader: ReaderConfig | undefined;
  /** Requests a minute and caller. */
  rateLimitMax: number;
  /** Bytes. */
  requestBodyLimit: number;
  /** False, or the addresses and ranges of proxies whose X-Forwarded-For is believed. */
  trustProxy: false | string[];
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

/** One line for each variable that is wrong: its name, what it got and what it takes. */
export class ConfigError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

type Env = Readonly<Record<string, string | undefined>>;
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;
const AUTH_MODES = ['jwt', 'api-key', 'none'] as const;
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** @throws ConfigError with every problem at once */
export function readConfig(env: Env): Config {
  const problems: string[] = [];
  const wrong = (name: string, takes: string) => problems.push(`${name} is ${shown(env[name])}; it takes ${takes}.`);
  const text = (name: string) => (env[name] === undefined || env[name] === '' ? undefined : env[name]);

  const integer = (name: string, fallback: number, min: number, max: number): number => {
    const value = text(name);
    if (value === undefined) return fallback;
    if (/^\d{1,10}$/.test(value) && Number(value) >= min && Number(value) <= max) return Number(value);
    wrong(name, `a whole number from ${min} to ${max}`);
    return fallback;
  };
  const matching = (name: string, fallback: string, pattern: RegExp, takes: string): string => {
    const value = text(name) ?? fallback;
    if (!pattern.test(value)) wrong(name, takes);
    return value;
  };
  const optionalUrl = (name: string): string | undefined => {
    const value = text(name);
    if (value !== undefined && !/^https?:$/.test(URL.parse(value)?.protocol ?? '')) wrong(name, 'an http(s) URL');
    return value;
  };
  const secureUrl = (name: string, what: string): string | undefined => {
    const value = text(name);
    if (value !== undefined && !isSecureUrl(value)) wrong(name, `${what}: https, or http on loopback`);
    return value;
  };
  const claim = (name: string): string | undefined => {
    const value = text(name);
    if (value !== undefined && !/^[\x21-\x7e]{1,256}$/.test(value)) wrong(name, 'the name of a claim, without spaces');
    return value;
  };
  const oneOf = <T extends string>(name: string, fallback: T, choices: readonly T[]): T | undefined => {
    const value = text(name) ?? fallback;
    const chosen = choices.find((choice) => choice === value);
    if (chosen === undefined) wrong(name, `one of ${choices.join(', ')}`);
    return chosen;
  };

  const readAuth = (host: string): Config['auth'] => {
    const mode = oneOf('AUTH_MODE', 'jwt', AUTH_MODES);
    if (mode === 'none' && !isLoopback(host)) {
      problems.push(
        `AUTH_MODE is "none"; it takes that only with a loopback HOST, and HOST is ${JSON.stringify(host)}.`,
      );
    }
    if (mode === 'none' || mode === undefined) return { mode: 'none' };
    if (mode === 'api-key') {
      const file = text('API_KEYS_FILE');
      if (file === undefined) wrong('API_KEYS_FILE', 'the path of a key file, with AUTH_MODE api-key');
      return { mode, file: file ?? '' };
    }
    const issuer = secureUrl('JWT_ISSUER', 'the issuer’s URL');
    const audience = text('JWT_AUDIENCE');
    if (issuer === undefined) wrong('JWT_ISSUER', 'the issuer’s URL, with AUTH_MODE jwt');
    if (audience === undefined) wrong('JWT_AUDIENCE', 'the audience that tokens are for, with AUTH_MODE jwt');
    const jwksUrl = secureUrl('JWKS_URL', 'the URL of the issuer’s keys');
    const groupsClaim = claim('JWT_GROUPS_CLAIM');
    const scopesClaim = claim('JWT_SCOPES_CLAIM');
    return {
      mode,
      issuer: issuer ?? '',
      audience: audience ?? '',
      ...(jwksUrl !== undefined && { jwksUrl }),
      ...(groupsClaim !== undefined && { groupsClaim }),
      ...(scopesClaim !== undefined && { scopesClaim }),
      clockSkewSeconds: integer('JWT_CLOCK_SKEW_SECONDS', 30, 0, 300),
    };
  };

  const readTrustProxy = (): false | string[] => {
    const value = text('TRUST_PROXY');
    if (value === undefined || value === 'false') return false;
    const addresses = value.split(',').map((address) => address.trim());
    if (addresses.every(isRange)) return addresses;
    wrong('TRUST_PROXY', 'false, or addresses and CIDR ranges of your proxies, separated by commas');
    return false;
  };

  const readAllowedAccounts = (): Config['allowedAccounts'] => {
    const value = text('ALLOWED_ACCOUNTS');
    if (value === undefined) return 'own';
    if (value === '*') return 'any';
    const accounts = value.split(',').map((account) => account.trim());
    if (accounts.every((account) => /^\d{12}$/.test(account))) return accounts;
    wrong('ALLOWED_ACCOUNTS', 'account numbers of 12 digits, separated by commas, or * for any');
    return 'own';
  };

  const readCommandKeyFile = (): string | undefined => {
    const file = text('COMMAND_KEY_FILE');
    if (file === undefined && /^postgres(?:ql)?:/.test(text('DATABASE_URL') ?? ''))
      wrong('COMMAND_KEY_FILE', 'the path of a file of keys, with PostgreSQL');
    return file;
  };

  const host = text('HOST') ?? '127.0.0.1';
  const roleName = text('ASSUME_ROLE_NAME');
  if (roleName !== undefined && !/^[\w+=,.@/-]{1,512}$/.test(roleName))
    wrong('ASSUME_ROLE_NAME', 'the name of an IAM role');
  const externalId = text('ASSUME_ROLE_EXTERNAL_ID');

  const config: Config = {
    host,
    port: integer('PORT', 3000, 0, 65_535),
    logLevel: oneOf('LOG_LEVEL', 'info', LEVELS) ?? 'info',
    databaseUrl: matching(
      'DATABASE_URL',
      'sqlite:data/audit.db',
      /^(?:sqlite:.+|postgres(?:ql)?:\/\/.+)$/,
      'sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE',
    ),
    databasePassword: readPasswordSource(text, wrong),
    commandKeyFile: readCommandKeyFile(),
    auth: readAuth(host),
    policiesDir: text('POLICIES_DIR'),
    region: matching(
      text('AWS_REGION') === undefined && text('AWS_DEFAULT_REGION') !== undefined
        ? 'AWS_DEFAULT_REGION'
        : 'AWS_REGION',
      'us-east-1',
      REGION,
      'an AWS Region',
    ),
    assumeRole:
      roleName === undefined ? undefined : { name: roleName, ...(externalId !== undefined && { externalId }) },
    allowedAccounts: readAllowedAccounts(),
    awsRequestsPerSecond: integer('AWS_REQUESTS_PER_SECOND', 40, 1, 10_000),
    estate: readEstate(text, wrong, REGION),
    reader: readReader(text, wrong),
    rateLimitMax: integer('RATE_LIMIT_MAX', 600, 1, 1_000_000),
    requestBodyLimit: integer('REQUEST_BODY_LIMIT', 131_072, 1_024, 10_485_760),
    trustProxy: readTrustProxy(),
    audit: { checkpointKeyFile: text('AUDIT_CHECKPOINT_KEY_FILE'), checkpointFile: text('AUDIT_CHECKPOINT_FILE') },
    otelEndpoint: optionalUrl('OTEL_EXPORTER_OTLP_ENDPOINT'),
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

/** An address, or a range of them in CIDR form. */
function isRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const width = { 4: 32, 6: 128 }[isIP(address)];
  if (width === undefined || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= width);
}
