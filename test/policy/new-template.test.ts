import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { build as Build } from '../helper.ts';

/** The recipe of CONTRIBUTING, done to a copy of the service: one file, and one line that names it (with its import). */

const FILE = `
import Type from 'typebox';
import { shareTemplate } from './kinds/share.ts';
import { one, readAllow, renderAllow, shareParameters, texts } from './kinds/share-conditions.ts';

export const shareFromVpc = shareTemplate({
  name: 'share-from-vpc',
  title: 'Share within a VPC',
  description: 'Lets whoever calls from a VPC use the secret.',
  parameters: Type.Object(
    { vpc: Type.String({ pattern: '^vpc-[0-9a-f]{8,17}$', description: 'The VPC.' }), ...shareParameters },
    { additionalProperties: false },
  ),
  target: 'vpc',
  packs: 'vpc',
  example: { vpc: 'vpc-12345678', actions: ['secretsmanager:GetSecretValue'] },
  render: ({ actions, ...conditions }, members) =>
    renderAllow({ actions, principal: '*', conditions, also: { 'aws:SourceVpc': one(members) } }),
  read(statements) {
    const { actions, conditions } = readAllow(statements);
    return { group: { actions, ...conditions }, members: texts(statements[0]?.Condition?.['StringEquals']?.['aws:SourceVpc']) };
  },
  subject: () => ({}),
  who: ({ vpc }) => \`whoever calls from \${vpc}\`,
});
`;
const VPC = 'vpc-0123456789abcdef0';
const SHARES = '/v1/secrets/demo%2Fdatabase/shares';

const root = fileURLToPath(new URL('../..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'new-template-'));
t.teardown(() => rmSync(copy, { recursive: true, force: true }));
for (const part of [
  'app.ts',
  'package.json',
  'bin',
  'console',
  'docs',
  'openapi',
  'plugins',
  'routes',
  'src',
  'test',
]) {
  cpSync(join(root, part), join(copy, part), { recursive: true });
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
const templates = join(copy, 'src/policy/entries/templates');
writeFileSync(join(templates, 'share-from-vpc.ts'), FILE);
const index = readFileSync(join(templates, 'index.ts'), 'utf8');
writeFileSync(
  join(templates, 'index.ts'),
  index
    .replace('import ', "import { shareFromVpc } from './share-from-vpc.ts';\nimport ")
    .replace('  shareWithOrganization,\n', '  shareWithOrganization,\n  shareFromVpc,\n'),
);

// What the helper holds answers to.
const OPENAPI = 'openapi/openapi.json';
execFileSync(process.execPath, [join(copy, 'bin/openapi.ts'), join(copy, OPENAPI)], { stdio: 'inherit' });

const { build } = (await import(join(copy, 'test/helper.ts'))) as { build: typeof Build };
const { app, call } = await build(t);

t.test('a template that is added is listed', async (t) => {
  const { json } = await call('GET', '/v1/templates/share-from-vpc');
  t.match(json, { title: 'Share within a VPC', kind: 'share', example: { vpc: 'vpc-12345678' } });
  t.match(json.statements[0].Condition, { StringEquals: { 'aws:SourceVpc': 'vpc-12345678' } });
  const names = (await call('GET', '/v1/templates?limit=1000')).json.items.map(({ name }: { name: string }) => name);
  t.ok(names.includes('share-from-vpc'));
});

t.test('OpenAPI has its parameters, its member of the request and of the entry', async (t) => {
  const { schemas } = (app.swagger() as unknown as { components: { schemas: Record<string, object> } }).components;
  const vpc = { properties: { vpc: { description: 'The VPC.' } } };
  t.match(schemas, { ShareFromVpcParameters: vpc, ShareRequest: vpc, AccessEntry: vpc });
  t.match(schemas, { ShareRequest: { description: /`principal`, `organization`, `vpc`,/ } });
});

t.test('shares take it, show it and say it in words; guardrails, dry runs and revoking are those of any', async (t) => {
  t.match(await call('POST', `${SHARES}?dryRun=true`, { vpc: VPC }), { status: 200, json: { changed: true } });
  t.match(await call('POST', SHARES, { vpc: VPC, principal: '222222222222' }), { status: 400 });
  const made = await call('POST', SHARES, { vpc: VPC });
  t.equal(made.status, 201);
  const shown = { template: 'share-from-vpc', vpc: VPC, words: { who: `whoever calls from ${VPC}`, conditions: [] } };
  t.match(made.json.share, shown);
  t.match((await call('GET', SHARES)).json, { items: [shown] });
  t.match((await call('POST', '/v1/authorization-checks', { action: 'listSecrets', vpc: VPC })).status, 200);
  t.equal((await call('DELETE', `${SHARES}/${made.json.share.id}`)).status, 200);
  t.strictSame((await call('GET', SHARES)).json.items, []);
});
