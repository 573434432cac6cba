import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EVENTS_QUEUE, type LocalAws, seed, seedEstate, startLocalAws } from '../src/local-aws/index.ts';
import { portProblem } from './process.ts';

const MINUTE = 60_000;

/**
 * The embedded AWS on loopback, seeded, with its data in LOCAL_DATA_DIR.
 * @throws Error for a variable that can't be read, a directory that can't be written, a port that is taken
 */
export async function startStandIn(env: NodeJS.ProcessEnv): Promise<{ local: LocalAws; dataDir: string }> {
  const dataDir = env['LOCAL_DATA_DIR'] || '.local';
  const port = wholeNumber(env, 'LOCAL_AWS_PORT', 4566, 65_535);
  const lagMs = wholeNumber(env, 'LOCAL_AWS_LAG_MS', 0, 10 * MINUTE);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Error(`LOCAL_DATA_DIR is ${JSON.stringify(dataDir)}; it takes a directory that can be written.`, {
      cause,
    });
  }
  const local = await startLocalAws({ port, file: join(dataDir, 'aws.db'), lagMs, eventsQueue: EVENTS_QUEUE }).catch(
    (error) => {
      throw portProblem(error, 'LOCAL_AWS_PORT', port);
    },
  );
  try {
    seed(local);
    seedEstate(local);
  } catch (error) {
    await local.close();
    throw error;
  }
  return { local, dataDir };
}

function wholeNumber(env: NodeJS.ProcessEnv, name: string, otherwise: number, most: number): number {
  const number = Number(env[name] || otherwise);
  if (Number.isInteger(number) && number >= 0 && number <= most) return number;
  throw new Error(`${name} is ${JSON.stringify(env[name])}; it takes a whole number from 0 to ${most}.`);
}
