import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

/** Writes into schema.d.ts of which OpenAPI document it is; with --check it only says whether it is the current one. */
const at = (path: string) => new URL(path, import.meta.url);
const stamp = `// Generated from openapi/openapi.json, sha256 ${createHash('sha256')
  .update(readFileSync(at('../openapi/openapi.json')))
  .digest('hex')}`;
const schema = readFileSync(at('schema.d.ts'), 'utf8');
if (!process.argv.includes('--check')) {
  writeFileSync(at('schema.d.ts'), `${stamp}\n${schema.replace(/^\/\/ Generated from .*\n/, '')}`);
} else if (!schema.startsWith(`${stamp}\n`)) {
  console.error(
    'client/schema.d.ts is not of the current OpenAPI document. Run: cd client && npm ci && npm run generate',
  );
  process.exitCode = 1;
}
