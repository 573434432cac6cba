import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCommandSeal } from '../src/database/command-keys.ts';

const KEY = Buffer.alloc(32, 'a key for tests');

/** The seal of services whose COMMAND_KEY_FILE is this one: the same in all processes of a test. */
export const SEAL = createCommandSeal([KEY]);

const directory = mkdtempSync(join(tmpdir(), 'command-key-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
export const COMMAND_KEY_FILE = join(directory, 'key');
writeFileSync(COMMAND_KEY_FILE, `${KEY.toString('base64')}\n`, { mode: 0o600 });
