import type { Logger } from 'pino';
import { buildApp } from '../app.ts';
import { readConfig } from '../src/config/index.ts';
import type { ServiceOverrides } from '../src/services/adapters.ts';
import { createLogger } from '../src/telemetry/log.ts';
import { portProblem } from './process.ts';

/** The service of a configuration, listening. @throws ConfigError; Error for a port that can't be had, or a database */
export async function serve(
  env: NodeJS.ProcessEnv,
  overrides: ServiceOverrides = {},
): Promise<{ url: string; close(): Promise<void>; log: Logger }> {
  const config = readConfig(env);
  const log = createLogger(config.logLevel);
  const app = await buildApp(config, { ...overrides, loggerInstance: log });
  const url = await app.listen({ host: config.host, port: config.port }).catch(async (error) => {
    await app.close();
    throw portProblem(error, 'PORT', config.port);
  });
  return { url, close: () => app.close(), log };
}
