import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { seed, startLocalAws } from '../src/local-aws/index.ts';
import { closeOnSignal, failStart, portProblem, serve } from './serve.ts';

/**
 * `npm start`: the service against an embedded Secrets Manager on loopback, seeded, over real HTTP through the real SDK.
 * A part for development: it refuses to start when NODE_ENV is production.
 */
async function startLocal(env: NodeJS.ProcessEnv): Promise<void> {
  const dataDir = env['LOCAL_DATA_DIR'] || '.local';
  const awsPort = Number(env['LOCAL_AWS_PORT'] || 4566);
  if (!Number.isInteger(awsPort) || awsPort < 0 || awsPort > 65_535) {
    throw new Error(
      `LOCAL_AWS_PORT is ${JSON.stringify(env['LOCAL_AWS_PORT'])}; it takes a whole number from 0 to 65535.`,
    );
  }
  try {
    mkdirSync(dataDir, { recursive: true });
  } catch (cause) {
    throw new Error(`LOCAL_DATA_DIR is ${JSON.stringify(dataDir)}; it takes a directory that can be written.`, {
      cause,
    });
  }
  const local = await startLocalAws({ port: awsPort, file: join(dataDir, 'aws.db') }).catch((error) => {
    throw portProblem(error, 'LOCAL_AWS_PORT', awsPort);
  });
  try {
    seed(local);
    const service = await serve(
      {
        AUTH_MODE: 'none',
        DATABASE_URL: `sqlite:${join(dataDir, 'audit.db')}`,
        ASSUME_ROLE_NAME: 'secret-access-target',
        ASSUME_ROLE_EXTERNAL_ID: 'local',
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
    });
    console.log(welcome(service.url, local.url, dataDir));
  } catch (error) {
    await local.close();
    throw error;
  }
}

const welcome = (service: string, aws: string, dataDir: string): string => `
Secret access service      ${service}
Swagger UI                 ${service}/docs
Who can read which secret  ${service}/access
Embedded Secrets Manager   ${aws}  (data in ${dataDir}/, kept over restarts)

Callers of the embedded Secrets Manager, by access key id (any secret key):
  LOCALSERVICE  arn:aws:iam::111111111111:role/secret-access-service   this service: manages policies, never reads values
  LOCALOWNER    arn:aws:iam::111111111111:user/owner                   administrator of the owning account
  LOCALMARY     arn:aws:iam::123456789999:user/Mary                    another account
  LOCALAPP      arn:aws:iam::222222222222:role/app                     a third account

Try it in another terminal:

1. Share demo/database with Mary
   curl -s ${service}/v1/secrets/demo%2Fdatabase/shares -H 'content-type: application/json' \\
     -d '{"principal":"arn:aws:iam::123456789999:user/Mary","reason":"monthly report"}'

2. Read it as Mary, in her own account (before the share this is refused)
   SECRET=$(curl -s ${service}/v1/secrets/demo%2Fdatabase | node -p 'JSON.parse(require("fs").readFileSync(0)).arn')
   AWS_ACCESS_KEY_ID=LOCALMARY AWS_SECRET_ACCESS_KEY=local aws --region us-east-1 --endpoint-url ${aws} \\
     secretsmanager get-secret-value --secret-id "$SECRET"

3. Deny her, whatever else allows it: then repeat 2 and see it refused
   curl -s ${service}/v1/secrets/demo%2Fdatabase/denials -H 'content-type: application/json' \\
     -d '{"principal":"arn:aws:iam::123456789999:user/Mary","reason":"left the team"}'
`;

await startLocal(process.env).catch(failStart);
