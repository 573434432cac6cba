import { onlyHelp } from './arguments.ts';
import { CALLERS } from './local-callers.ts';
import { closeOnSignal, failStart } from './process.ts';

/** `npm run local-aws`: the embedded AWS alone, for whoever wants a Secrets Manager that enforces policies. */
async function startAlone(env: NodeJS.ProcessEnv): Promise<void> {
  const { startStandIn } = await import('./local-stand-in.ts');
  const { local, dataDir } = await startStandIn(env);
  closeOnSignal(() => local.close());
  console.log(welcome(local.url, dataDir));
}

const welcome = (url: string, dataDir: string): string => `
Embedded AWS  ${url}  (data in ${dataDir}/, kept over restarts; docs/local-aws.md says what it does)

${CALLERS}

Try it in another terminal, with the AWS CLI or any SDK:

  export AWS_ENDPOINT_URL=${url} AWS_ACCESS_KEY_ID=LOCALOWNER AWS_SECRET_ACCESS_KEY=any AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  aws secretsmanager list-secrets
`;

onlyHelp(`node bin/local-aws.ts

The embedded AWS alone, on loopback: docs/local-aws.md says what it does. LOCAL_AWS_PORT (4566) and LOCAL_DATA_DIR (.local)
say where.

  -h, --help  this`);
startAlone(process.env).catch(failStart);
