import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Clock } from '../../../clock.ts';
import { readSmallFile } from '../../../files/small-file.ts';
import type { Database } from '../../database.ts';
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
  const { privateKey, older } = readCheckpointKeys(checkpointKeyFile, 'AUDIT_CHECKPOINT_KEY_FILE');
  const file = checkpointFile === undefined ? {} : { file: checkpointFile };
  const checkpoints = createCheckpoints({
    database,
    clock,
    privateKey,
    every: EVERY,
    onError: (err) => log.error({ err }, 'a checkpoint of the audit log could not be taken'),
    ...file,
  });
  return { ...checkpoints, trust: { publicKey: createPublicKey(privateKey), older, ...file } };
}

/**
 * The first key of the file signs; those after it, private or public, signed before, and are believed still.
 * @param named what names the file, for the error
 * @throws Error in one line
 */
export function readCheckpointKeys(path: string, named: string): { privateKey: KeyObject; older: KeyObject[] } {
  let keys: [KeyObject, ...KeyObject[]];
  try {
    const [first = '', ...rest] = pemsIn(readSmallFile(path));
    keys = [createPrivateKey(first), ...rest.map((pem) => createPublicKey(pem))];
  } catch (cause) {
    throw new Error(`${named} is ${JSON.stringify(path)}, which can’t be read as a PEM key.`, { cause });
  }
  if (keys.some(({ asymmetricKeyType }) => asymmetricKeyType !== 'ed25519'))
    throw new Error(`${named} is ${JSON.stringify(path)}; it takes an Ed25519 private key (PEM).`);
  const [privateKey, ...older] = keys;
  return { privateKey, older };
}

/** The public keys of a file, or of private ones: the newest first. @throws Error for what holds none */
export function readPublicKeys(path: string): Pick<CheckpointTrust, 'publicKey' | 'older'> {
  const [publicKey, ...older] = pemsIn(readSmallFile(path)).map((pem) => createPublicKey(pem));
  if (publicKey === undefined) throw new Error(`${path} holds no PEM key.`);
  return { publicKey, older };
}

const pemsIn = (text: string): string[] => text.match(/-----BEGIN ([^-]+)-----[\s\S]+?-----END \1-----/g) ?? [];
