import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { argumentsOf, HELP } from './arguments.ts';

/** `npm run openapi`: writes the OpenAPI document of the routes; with --check it only says whether the file is current. */
const { values, positionals } = argumentsOf(
  `node bin/openapi.ts [--check] [FILE]

Writes the OpenAPI document of the routes to FILE (openapi/openapi.json).

  --check     only say, with 1, whether the file is another
  -h, --help  this`,
  () => parseArgs({ options: { check: { type: 'boolean' }, ...HELP }, allowPositionals: true }),
);
const { buildApp } = await import('../app.ts');
const { EITHER } = await import('../plugins/openapi/index.ts');
const { readConfig } = await import('../src/config/index.ts');
const directory = mkdtempSync(join(tmpdir(), 'openapi-'));
const app = await buildApp(readConfig({ AUTH_MODE: 'none', DATABASE_URL: `sqlite:${directory}/audit.db` }), {});
const document = app.swagger() as { components: object };
const { security, securitySchemes } = EITHER;
const components = { securitySchemes, ...document.components };
const text = `${JSON.stringify({ ...document, components, security }, null, 2)}\n`;
await app.close();
rmSync(directory, { recursive: true });
const [file = 'openapi/openapi.json'] = positionals;
if (!values.check) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  console.error(`${file} is not what the routes say. Run: npm run openapi`);
  process.exitCode = 1;
}
