import { join } from 'node:path';
import { onlyHelp } from './arguments.ts';
import { CALLERS } from './local-callers.ts';
import { closeOnSignal, failStart } from './process.ts';

const USAGE = `node bin/local.ts

The service with an embedded Secrets Manager, on loopback, to try things out. PORT (3000), LOCAL_AWS_PORT (4566) and
LOCAL_DATA_DIR (.local) say where; README.md has the other variables.

  -h, --help  this`;

/**
 * `npm start`: the service against an embedded Secrets Manager on loopback, seeded, over real HTTP through the real SDK.
 * A part for development: it refuses to start when NODE_ENV is production.
 */
async function startLocal(env: NodeJS.ProcessEnv): Promise<void> {
  const { startStandIn } = await import('./local-stand-in.ts');
  const { serve } = await import('./serve.ts');
  const { local, dataDir } = await startStandIn(env);
  try {
    const service = await serve(
      {
        AUTH_MODE: 'none',
        DATABASE_URL: `sqlite:${join(dataDir, 'audit.db')}`,
        ASSUME_ROLE_NAME: 'secret-access-target',
        ASSUME_ROLE_EXTERNAL_ID: 'local',
        ALLOWED_ACCOUNTS: '*',
        READER_ROLE_NAME: 'secret-access-reader',
        READER_ROLE_EXTERNAL_ID: 'local-reader',
        READER_ACCOUNTS: '123456789999,222222222222',
        ESTATE_ACCOUNTS: '111111111111,333333333333,444444444444',
        ORGANIZATION_ROLE_NAME: 'secret-access-organization',
        ORGANIZATION_ROLE_EXTERNAL_ID: 'local',
        ESTATE_REGIONS: 'us-east-1,eu-west-1',
        ESTATE_EVENTS_QUEUE_URL: `${local.url}/111111111111/secret-access-events`,
        AWS_REGION: 'us-east-1',
        AWS_REQUESTS_PER_SECOND: '10000',
        RATE_LIMIT_MAX: '100000',
        ...env,
      },
      { aws: { endpoint: local.url, credentials: { accessKeyId: 'LOCALSERVICE', secretAccessKey: 'local' } } },
    );
    closeOnSignal(async () => {
      await service.close();
      await local.close();
    }, service.log);
    console.log(welcome(service.url, local.url, dataDir));
  } catch (error) {
    await local.close();
    throw error;
  }
}

const welcome = (service: string, aws: string, dataDir: string): string => `
Secret access service      ${service}
Swagger UI                 ${service}/docs
Console                    ${service}/console
Embedded Secrets Manager   ${aws}  (data in ${dataDir}/, kept over restarts)

${CALLERS}

Try it in another terminal:

1. Share demo/database with Mary
   curl -s '${service}/v1/secrets/demo%2Fdatabase/shares?pretty' -H 'content-type: application/json' \\
     -d '{"principal":"arn:aws:iam::123456789999:user/Mary","reason":"monthly report"}'

2. Read it as Mary, in her own account (before the share this is refused)
   SECRET=$(curl -s ${service}/v1/secrets/demo%2Fdatabase | node -p 'JSON.parse(require("fs").readFileSync(0)).arn')
   AWS_ACCESS_KEY_ID=LOCALMARY AWS_SECRET_ACCESS_KEY=local aws --region us-east-1 --endpoint-url ${aws} \\
     secretsmanager get-secret-value --secret-id "$SECRET"

3. Deny her, whatever else allows it: then repeat 2 and see it refused
   curl -s '${service}/v1/secrets/demo%2Fdatabase/denials?pretty' -H 'content-type: application/json' \\
     -d '{"principal":"arn:aws:iam::123456789999:user/Mary","reason":"left the team"}'
`;

onlyHelp(USAGE);
await startLocal(process.env).catch(failStart);
