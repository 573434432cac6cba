import t from 'tap';
import { ConfigError } from '../src/config/config-error.ts';
import { readConfig } from '../src/config/index.ts';

type Env = Record<string, string>;

const QUEUE = 'https://sqs.us-east-1.amazonaws.com/111111111111/NAME';
const NONE: Env = { AUTH_MODE: 'none' };
const KEYS: Env = { AUTH_MODE: 'api-key', API_KEYS_FILE: '/etc/keys.json' };
const JWT: Env = { AUTH_MODE: 'jwt', JWT_ISSUER: 'https://id.example', JWT_AUDIENCE: 'secrets' };

const POSTGRES: Env = { ...NONE, DATABASE_URL: 'postgres://u:p@db/a', COMMAND_KEY_FILE: '/etc/command-key' };

function problemsOf(env: Env): string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

t.test('what is not set has a default; an empty value counts as not set', async (t) => {
  const defaults = {
    host: '127.0.0.1',
    port: 3000,
    logLevel: 'info',
    databaseUrl: 'sqlite:data/audit.db',
    auth: { mode: 'none' },
    policiesDir: undefined,
    region: 'us-east-1',
    assumeRole: undefined,
    estate: { accounts: undefined, regions: undefined, surveyEveryMs: 6 * 3_600_000 },
    rateLimitMax: 600,
    requestBodyLimit: 131_072,
    trustProxy: false,
    otelEndpoint: undefined,
    swaggerOAuthClientId: undefined,
  };
  t.match(readConfig(NONE), defaults);
  const empty = 'HOST PORT LOG_LEVEL DATABASE_URL POLICIES_DIR AWS_REGION ASSUME_ROLE_NAME RATE_LIMIT_MAX TRUST_PROXY';
  t.match(readConfig({ ...NONE, ...Object.fromEntries(empty.split(' ').map((name) => [name, ''])) }), defaults);
  t.match(readConfig(JWT).auth, { mode: 'jwt', clockSkewSeconds: 30 });
});

const good: [title: string, env: Env, config: object][] = [
  ['HOST, where the mode is not none', { ...KEYS, HOST: '0.0.0.0' }, { host: '0.0.0.0' }],
  ['HOST: IPv6 loopback without authentication', { ...NONE, HOST: '::1' }, { host: '::1' }],
  ['HOST: a name for loopback', { ...NONE, HOST: 'localhost' }, { host: 'localhost' }],
  ['PORT: any free one', { ...NONE, PORT: '0' }, { port: 0 }],
  ['PORT: the last one', { ...NONE, PORT: '65535' }, { port: 65_535 }],
  ['LOG_LEVEL', { ...NONE, LOG_LEVEL: 'silent' }, { logLevel: 'silent' }],
  [
    'DATABASE_URL: PostgreSQL',
    { ...NONE, DATABASE_URL: 'postgres://u:p@db/a', COMMAND_KEY_FILE: '/etc/command-key' },
    { databaseUrl: 'postgres://u:p@db/a', commandKeyFile: '/etc/command-key' },
  ],
  [
    'DATABASE_PASSWORD_FILE',
    { ...POSTGRES, DATABASE_URL: 'postgres://u@db/a', DATABASE_PASSWORD_FILE: '/run/password' },
    { databasePassword: { file: '/run/password' } },
  ],
  [
    'DATABASE_IAM_AUTH',
    { ...POSTGRES, DATABASE_URL: 'postgres://u@db/a?sslmode=verify-full', DATABASE_IAM_AUTH: 'true' },
    { databasePassword: 'iam' },
  ],
  ['DATABASE_IAM_AUTH: false', { ...NONE, DATABASE_IAM_AUTH: 'false' }, { databasePassword: undefined }],
  [
    'ESTATE_…',
    {
      ...{ ...NONE, ASSUME_ROLE_NAME: 'target', ESTATE_ACCOUNTS: '111111111111, 222222222222,111111111111' },
      ...{ ESTATE_REGIONS: 'us-east-1,eu-west-1', ESTATE_SURVEY_INTERVAL: '90m', ESTATE_EVENTS_QUEUE_URL: QUEUE },
    },
    {
      estate: {
        ...{ accounts: ['111111111111', '222222222222'], regions: ['us-east-1', 'eu-west-1'] },
        ...{ surveyEveryMs: 90 * 60_000, eventsQueueUrl: QUEUE },
      },
    },
  ],
  [
    'ESTATE_ACCOUNTS: organization',
    {
      ...{ ...NONE, ASSUME_ROLE_NAME: 'target', ESTATE_ACCOUNTS: 'organization' },
      ...{ ORGANIZATION_ROLE_NAME: 'list-accounts', ORGANIZATION_ROLE_EXTERNAL_ID: 'x' },
    },
    { estate: { accounts: 'organization', organizationRole: { name: 'list-accounts', externalId: 'x' } } },
  ],
  [
    'READER_…',
    {
      ...{ ...NONE, READER_ROLE_NAME: 'look', READER_ROLE_EXTERNAL_ID: 'x' },
      READER_ACCOUNTS: '111111111111, 222222222222,111111111111',
    },
    { reader: { role: { name: 'look', externalId: 'x' }, accounts: ['111111111111', '222222222222'] } },
  ],
  ['READER_ROLE_NAME', { ...NONE, READER_ROLE_NAME: 'look' }, { reader: { role: { name: 'look' }, accounts: [] } }],
  [
    'ORGANIZATION_ROLE_NAME: an ARN',
    { ...NONE, ORGANIZATION_ROLE_NAME: 'arn:aws:iam::888888888888:role/team/look' },
    { estate: { organizationRole: { name: 'team/look', account: '888888888888' } } },
  ],
  ['ESTATE_REGIONS: enabled', { ...NONE, ESTATE_REGIONS: 'enabled' }, { estate: { regions: 'enabled' } }],
  ['ESTATE_SURVEY_INTERVAL: off', { ...NONE, ESTATE_SURVEY_INTERVAL: 'off' }, { estate: { surveyEveryMs: undefined } }],
  ['DATABASE_URL: SQLite', { ...NONE, DATABASE_URL: 'sqlite:/var/a.db' }, { databaseUrl: 'sqlite:/var/a.db' }],
  ['ALLOWED_ACCOUNTS: any', { ...NONE, ALLOWED_ACCOUNTS: '*' }, { allowedAccounts: 'any' }],
  [
    'ALLOWED_ACCOUNTS: some',
    { ...NONE, ALLOWED_ACCOUNTS: '111111111111, 222222222222' },
    { allowedAccounts: ['111111111111', '222222222222'] },
  ],
  ['API_KEYS_FILE', KEYS, { auth: { mode: 'api-key', file: '/etc/keys.json' } }],
  ['AUTH_MODE: jwt unless said otherwise', { ...JWT, AUTH_MODE: '' }, { auth: { mode: 'jwt', audience: 'secrets' } }],
  [
    'JWT_ISSUER: http on loopback',
    { ...JWT, JWT_ISSUER: 'http://127.0.0.1:9000' },
    { auth: { issuer: 'http://127.0.0.1:9000' } },
  ],
  [
    'JWT_ISSUER: the same in IPv6',
    { ...JWT, JWT_ISSUER: 'http://[::1]:9000/' },
    { auth: { issuer: 'http://[::1]:9000/' } },
  ],
  ['JWKS_URL', { ...JWT, JWKS_URL: 'https://id.example/keys' }, { auth: { jwksUrl: 'https://id.example/keys' } }],
  ['JWT_GROUPS_CLAIM', { ...JWT, JWT_GROUPS_CLAIM: 'cognito:groups' }, { auth: { groupsClaim: 'cognito:groups' } }],
  [
    'JWT_SCOPES_CLAIM',
    { ...JWT, JWT_SCOPES_CLAIM: 'https://a.example/p' },
    { auth: { scopesClaim: 'https://a.example/p' } },
  ],
  ['JWT_CLOCK_SKEW_SECONDS: none', { ...JWT, JWT_CLOCK_SKEW_SECONDS: '0' }, { auth: { clockSkewSeconds: 0 } }],
  ['JWT_CLOCK_SKEW_SECONDS: the most', { ...JWT, JWT_CLOCK_SKEW_SECONDS: '300' }, { auth: { clockSkewSeconds: 300 } }],
  ['POLICIES_DIR', { ...NONE, POLICIES_DIR: 'guardrails' }, { policiesDir: 'guardrails' }],
  [
    'AWS_REGION',
    { ...NONE, AWS_REGION: 'us-gov-west-1', AWS_DEFAULT_REGION: 'eu-west-1' },
    { region: 'us-gov-west-1' },
  ],
  ['AWS_DEFAULT_REGION', { ...NONE, AWS_DEFAULT_REGION: 'eu-central-1' }, { region: 'eu-central-1' }],
  ['ASSUME_ROLE_NAME', { ...NONE, ASSUME_ROLE_NAME: 'path/role' }, { assumeRole: { name: 'path/role' } }],
  [
    'ASSUME_ROLE_EXTERNAL_ID',
    { ...NONE, ASSUME_ROLE_NAME: 'role', ASSUME_ROLE_EXTERNAL_ID: 'x' },
    { assumeRole: { name: 'role', externalId: 'x' } },
  ],
  ['AWS_REQUESTS_PER_SECOND', { ...NONE, AWS_REQUESTS_PER_SECOND: '50' }, { awsRequestsPerSecond: 50 }],
  ['RATE_LIMIT_MAX', { ...NONE, RATE_LIMIT_MAX: '1' }, { rateLimitMax: 1 }],
  ['REQUEST_BODY_LIMIT', { ...NONE, REQUEST_BODY_LIMIT: '1024' }, { requestBodyLimit: 1_024 }],
  ['TRUST_PROXY: nobody', { ...NONE, TRUST_PROXY: 'false' }, { trustProxy: false }],
  [
    'TRUST_PROXY: ranges',
    { ...NONE, TRUST_PROXY: '10.0.0.0/8, fd00::/8,::1' },
    { trustProxy: ['10.0.0.0/8', 'fd00::/8', '::1'] },
  ],
  [
    'AUDIT_CHECKPOINT_KEY_FILE',
    { ...NONE, AUDIT_CHECKPOINT_KEY_FILE: 'k.pem' },
    { audit: { checkpointKeyFile: 'k.pem' } },
  ],
  ['AUDIT_CHECKPOINT_FILE', { ...NONE, AUDIT_CHECKPOINT_FILE: 'c.ndjson' }, { audit: { checkpointFile: 'c.ndjson' } }],
  [
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    { ...NONE, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318' },
    { otelEndpoint: 'http://otel:4318' },
  ],
  ['CONSOLE_OAUTH_CLIENT_ID', { ...JWT, CONSOLE_OAUTH_CLIENT_ID: 'ui' }, { consoleOAuthClientId: 'ui' }],
  ['SWAGGER_OAUTH_CLIENT_ID', { ...JWT, SWAGGER_OAUTH_CLIENT_ID: 'ui' }, { swaggerOAuthClientId: 'ui' }],
];

t.test('a good value is taken', async (t) => {
  for (const [title, env, config] of good) t.match(readConfig(env), config, title);
});

const ISSUER = 'it takes the issuer’s URL: https, or http on loopback.';
const SKEW = 'it takes a whole number from 0 to 300.';
const PROXIES = 'it takes false, or addresses and CIDR ranges of your proxies, separated by commas.';
const DATABASE = 'it takes sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE.';

const bad: [env: Env, line: string][] = [
  [
    { ...NONE, HOST: '0.0.0.0' },
    'AUTH_MODE is "none"; it takes that only with a loopback HOST, and HOST is "0.0.0.0".',
  ],
  [
    { ...NONE, HOST: '127.evil.example' },
    'AUTH_MODE is "none"; it takes that only with a loopback HOST, and HOST is "127.evil.example".',
  ],
  [
    { ...NONE, DATABASE_URL: 'postgres://u:p@db/a' },
    'COMMAND_KEY_FILE is not set; it takes the path of a file of keys, with PostgreSQL.',
  ],
  [
    { ...NONE, ALLOWED_ACCOUNTS: 'ours' },
    'ALLOWED_ACCOUNTS is "ours"; it takes account numbers of 12 digits, separated by commas, or * for any.',
  ],
  [{ AUTH_MODE: 'off' }, 'AUTH_MODE is "off"; it takes one of jwt, api-key, none.'],
  [{ ...NONE, PORT: 'http' }, 'PORT is "http"; it takes a whole number from 0 to 65535.'],
  [{ ...NONE, PORT: '65536' }, 'PORT is "65536"; it takes a whole number from 0 to 65535.'],
  [{ ...NONE, PORT: '-1' }, 'PORT is "-1"; it takes a whole number from 0 to 65535.'],
  [
    { ...NONE, LOG_LEVEL: 'loud' },
    'LOG_LEVEL is "loud"; it takes one of trace, debug, info, warn, error, fatal, silent.',
  ],
  [
    { ...POSTGRES, DATABASE_PASSWORD_FILE: '/run/password' },
    'DATABASE_PASSWORD_FILE is "/run/password"; it takes nothing where DATABASE_URL has a password.',
  ],
  [
    { ...NONE, DATABASE_PASSWORD_FILE: '/run/password' },
    'DATABASE_PASSWORD_FILE is "/run/password"; it takes nothing but with PostgreSQL.',
  ],
  [
    { ...POSTGRES, DATABASE_URL: 'postgres://u@db/a', DATABASE_IAM_AUTH: 'true' },
    'DATABASE_IAM_AUTH is "true"; it takes a DATABASE_URL with sslmode=verify-full: a token is a password.',
  ],
  [{ ...POSTGRES, DATABASE_IAM_AUTH: 'yes' }, 'DATABASE_IAM_AUTH is "yes"; it takes true or false.'],
  [
    {
      ...POSTGRES,
      DATABASE_URL: 'postgres://u@db/a',
      DATABASE_IAM_AUTH: 'true',
      DATABASE_PASSWORD_FILE: '/run/password',
    },
    'DATABASE_IAM_AUTH is "true"; it takes nothing but false with DATABASE_PASSWORD_FILE.',
  ],
  [{ ...NONE, DATABASE_URL: 'mysql://db' }, `DATABASE_URL is "mysql://db"; ${DATABASE}`],
  [{ ...NONE, DATABASE_URL: 'mysql://me:hunter2@db' }, `DATABASE_URL is set to a URL with credentials; ${DATABASE}`],
  [
    { ...NONE, DATABASE_URL: 'mysql://db?password=hunter2' },
    `DATABASE_URL is set to a URL with credentials; ${DATABASE}`,
  ],
  [{ AUTH_MODE: 'api-key' }, 'API_KEYS_FILE is not set; it takes the path of a key file, with AUTH_MODE api-key.'],
  [{ ...JWT, JWT_ISSUER: '' }, 'JWT_ISSUER is not set; it takes the issuer’s URL, with AUTH_MODE jwt.'],
  [{ ...JWT, JWT_ISSUER: 'id.example' }, `JWT_ISSUER is "id.example"; ${ISSUER}`],
  [{ ...JWT, JWT_ISSUER: 'http://id.example' }, `JWT_ISSUER is "http://id.example"; ${ISSUER}`],
  [{ ...JWT, JWT_ISSUER: 'http://localhost.evil.example' }, `JWT_ISSUER is "http://localhost.evil.example"; ${ISSUER}`],
  [
    { ...JWT, JWT_AUDIENCE: '' },
    'JWT_AUDIENCE is not set; it takes the audience that tokens are for, with AUTH_MODE jwt.',
  ],
  [
    { ...JWT, JWKS_URL: 'http://id.example/k' },
    'JWKS_URL is "http://id.example/k"; it takes the URL of the issuer’s keys: https, or http on loopback.',
  ],
  [
    { ...JWT, JWT_GROUPS_CLAIM: 'my groups' },
    'JWT_GROUPS_CLAIM is "my groups"; it takes the name of a claim, without spaces.',
  ],
  [{ ...JWT, JWT_SCOPES_CLAIM: 'a\nb' }, 'JWT_SCOPES_CLAIM is "a\\nb"; it takes the name of a claim, without spaces.'],
  [{ ...JWT, JWT_CLOCK_SKEW_SECONDS: '301' }, `JWT_CLOCK_SKEW_SECONDS is "301"; ${SKEW}`],
  [{ ...JWT, JWT_CLOCK_SKEW_SECONDS: '1.5' }, `JWT_CLOCK_SKEW_SECONDS is "1.5"; ${SKEW}`],
  [
    { ...NONE, ESTATE_ACCOUNTS: '111111111111' },
    'ESTATE_ACCOUNTS is "111111111111"; it takes accounts only with ASSUME_ROLE_NAME, the role that is assumed in them.',
  ],
  [
    { ...NONE, ASSUME_ROLE_NAME: 'target', ESTATE_ACCOUNTS: '111111111111;222222222222' },
    'ESTATE_ACCOUNTS is "111111111111;222222222222"; it takes organization, or account numbers of 12 digits, separated by commas.',
  ],
  [
    { ...NONE, ORGANIZATION_ROLE_NAME: 'a role' },
    'ORGANIZATION_ROLE_NAME is "a role"; it takes the name of an IAM role, or its ARN.',
  ],
  [{ ...NONE, READER_ROLE_NAME: 'a role' }, 'READER_ROLE_NAME is "a role"; it takes the name of an IAM role.'],
  [
    { ...NONE, READER_ROLE_NAME: 'look', READER_ACCOUNTS: '*' },
    'READER_ACCOUNTS is "*"; it takes account numbers of 12 digits, separated by commas.',
  ],
  [
    { ...NONE, READER_ACCOUNTS: '111111111111' },
    'READER_ACCOUNTS is "111111111111"; it takes accounts only with READER_ROLE_NAME, the role that is assumed in them.',
  ],
  [
    { ...NONE, ESTATE_REGIONS: 'Paris' },
    'ESTATE_REGIONS is "Paris"; it takes enabled, or AWS Regions, separated by commas.',
  ],
  [
    { ...NONE, ESTATE_SURVEY_INTERVAL: '0h' },
    'ESTATE_SURVEY_INTERVAL is "0h"; it takes a time like 30m, 6h or 1d, or off.',
  ],
  ...[
    'secret-access-events',
    'http://sqs.us-east-1.amazonaws.com/111111111111/q',
    'https://sqs.us-east-1.amazonaws.com/q',
  ].map((url): [Record<string, string>, string] => [
    { ...NONE, ESTATE_EVENTS_QUEUE_URL: url },
    `ESTATE_EVENTS_QUEUE_URL is ${JSON.stringify(url)}; it takes the URL of an SQS queue, like ${QUEUE}.`,
  ]),
  [{ ...NONE, AWS_REGION: 'Frankfurt' }, 'AWS_REGION is "Frankfurt"; it takes an AWS Region.'],
  [{ ...NONE, AWS_DEFAULT_REGION: 'x' }, 'AWS_DEFAULT_REGION is "x"; it takes an AWS Region.'],
  [{ ...NONE, ASSUME_ROLE_NAME: 'a role' }, 'ASSUME_ROLE_NAME is "a role"; it takes the name of an IAM role.'],
  [
    { ...NONE, AWS_REQUESTS_PER_SECOND: '0' },
    'AWS_REQUESTS_PER_SECOND is "0"; it takes a whole number from 1 to 10000.',
  ],
  [{ ...NONE, RATE_LIMIT_MAX: '0' }, 'RATE_LIMIT_MAX is "0"; it takes a whole number from 1 to 1000000.'],
  [
    { ...NONE, REQUEST_BODY_LIMIT: '1kb' },
    'REQUEST_BODY_LIMIT is "1kb"; it takes a whole number from 1024 to 10485760.',
  ],
  [{ ...NONE, TRUST_PROXY: 'true' }, `TRUST_PROXY is "true"; ${PROXIES}`],
  [{ ...NONE, TRUST_PROXY: '10.0.0.0/33' }, `TRUST_PROXY is "10.0.0.0/33"; ${PROXIES}`],
  [{ ...NONE, TRUST_PROXY: '::1/129' }, `TRUST_PROXY is "::1/129"; ${PROXIES}`],
  [
    { ...NONE, OTEL_EXPORTER_OTLP_ENDPOINT: 'otel:4318' },
    'OTEL_EXPORTER_OTLP_ENDPOINT is "otel:4318"; it takes an http(s) URL.',
  ],
];

t.test('a bad value gives one line: the variable, what it got and what it takes', async (t) => {
  for (const [env, line] of bad) t.same(problemsOf(env), [line], JSON.stringify(env));
});

t.test('all that is wrong is told at once', async (t) => {
  t.same(
    problemsOf({ AUTH_MODE: 'jwt', PORT: 'x' })
      .map((line) => line.split(' ')[0])
      .sort(),
    ['JWT_AUDIENCE', 'JWT_ISSUER', 'PORT'],
  );
});

t.test('the message of the error is its lines, and none holds a password', async (t) => {
  const env = { ...NONE, DATABASE_URL: 'mysql://me:hunter2@db', PORT: 'x' };
  t.throws(() => readConfig(env), { message: problemsOf(env).join('\n') });
  t.notMatch(problemsOf(env).join('\n'), 'hunter2');
});

/** Paths and ids: any text will do, until it is used. */
const ANY_TEXT = [
  'ASSUME_ROLE_EXTERNAL_ID',
  'AUDIT_CHECKPOINT_FILE',
  'AUDIT_CHECKPOINT_KEY_FILE',
  'CONSOLE_OAUTH_CLIENT_ID',
  'ORGANIZATION_ROLE_EXTERNAL_ID',
  'POLICIES_DIR',
  'READER_ROLE_EXTERNAL_ID',
  'SWAGGER_OAUTH_CLIENT_ID',
];

t.test('no variable is read that is not tested here, good and bad', async (t) => {
  const read = new Set<string>();
  const get = (env: Env, name: string | symbol) => {
    read.add(String(name));
    return env[String(name)];
  };
  for (const env of [NONE, KEYS, JWT]) readConfig(new Proxy(env, { get }));
  const withoutGood = [...read].filter((name) => !good.some(([, env]) => env[name] !== undefined));
  t.same(withoutGood, []);
  const withoutBad = [...read].filter((name) => !bad.some(([, line]) => line.includes(`${name} is `)));
  t.same(withoutBad.sort(), ANY_TEXT);
});
