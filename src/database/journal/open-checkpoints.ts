import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Clock } from '../../clock.ts';
import type { Database } from '../database.ts';
import { type Checkpoints, type CheckpointTrust, createCheckpoints } from './checkpoints.ts';

const EVERY = 1_000;

/**
 * Signed checkpoints as the configuration has them; undefined when no key is set.
 * @throws Error in one line when the key file can't be read or is not an Ed25519 key
 */
export function openCheckpoints(
  { checkpointKeyFile, checkpointFile }: { checkpointKeyFile: string | undefined; checkpointFile: string | undefined },
  database: Database,
  clock: Clock,
  log: { error(details: object, message: string): void },
): (Checkpoints & { trust: CheckpointTrust }) | undefined {
  if (checkpointKeyFile === undefined) return undefined;
  const privateKey = readCheckpointKey(checkpointKeyFile, 'AUDIT_CHECKPOINT_KEY_FILE');
  const file = checkpointFile === undefined ? {} : { file: checkpointFile };
  const checkpoints = createCheckpoints({
    database,
    clock,
    privateKey,
    every: EVERY,
    onError: (err) => log.error({ err }, 'a checkpoint of the audit log could not be taken'),
    ...file,
  });
  return { ...checkpoints, trust: { publicKey: createPublicKey(privateKey), ...file } };
}

/** @param named what names the file, for the error @throws Error in one line */
export function readCheckpointKey(path: string, named: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(path));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new Error(`${named} is ${JSON.stringify(path)}, which can’t be read as a PEM key.`, { cause });
  }
  throw new Error(`${named} is ${JSON.stringify(path)}; it takes an Ed25519 private key (PEM).`);
}
