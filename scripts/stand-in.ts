import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKey } from '../bin/new-api-key.ts';
import { seed, startLocalAws } from '../src/local-aws/index.ts';

/**
 * The surroundings of a service that runs in a container: the embedded Secrets Manager, seeded, a keys file with one
 * API key, and a key for COMMAND_KEY_FILE, all kept in LOCAL_DATA_DIR. For trying things out; it refuses to run when NODE_ENV is production.
 */
const dataDir = process.env['LOCAL_DATA_DIR'] || '.local';
const keyFile = join(dataDir, 'api-key');

mkdirSync(dataDir, { recursive: true });
const local = await startLocalAws({
  port: Number(process.env['LOCAL_AWS_PORT'] || 4566),
  file: join(dataDir, 'aws.db'),
});
seed(local);
if (!existsSync(keyFile)) {
  const scopes = ['policy:read', 'policy:write', 'audit:read', 'estate:read', 'incident:write'];
  const { key, entry } = await createKey({ subject: 'demo', groups: ['payments', 'platform'], scopes }, 'sha256');
  writeFileSync(join(dataDir, 'api-keys.json'), JSON.stringify([entry]));
  writeFileSync(keyFile, key);
}
const commandKeyFile = join(dataDir, 'command-key');
if (!existsSync(commandKeyFile)) writeFileSync(commandKeyFile, `${randomBytes(32).toString('base64')}\n`);
console.log(`Embedded Secrets Manager: ${local.url}\nAPI key: ${readFileSync(keyFile, 'utf8')}`);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => local.close());
