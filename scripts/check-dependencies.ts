import { execFileSync, spawnSync } from 'node:child_process';

/**
 * What ships may be used by whoever runs it, and has no known hole: the licences of all production dependencies, and
 * `npm audit` where the registry answers (a machine without network is told so, and goes on).
 */
const ALLOWED = new Set([
  '(MIT OR CC0-1.0)',
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT OR Apache-2.0',
  'Unlicense',
]);

type Component = {
  name: string;
  version: string;
  licenses?: ({ license?: { id?: string; name?: string } } & { expression?: string })[];
};

const text = execFileSync('npm', ['sbom', '--omit=dev', '--omit=optional', '--sbom-format=cyclonedx'], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  stdio: ['ignore', 'pipe', 'ignore'],
});
const { components = [] } = JSON.parse(text) as { components?: Component[] };
if (components.length === 0) throw new Error('npm sbom lists no component: the licences were not checked.');
const refused = components.filter(({ licenses = [] }) => {
  const names = licenses.map(({ license, expression }) => expression ?? license?.id ?? license?.name ?? 'none');
  return names.length === 0 || !names.every((name) => ALLOWED.has(name));
});
for (const { name, version, licenses } of refused) {
  console.error(`${name}@${version}: the licence ${JSON.stringify(licenses)} is not among those that may ship.`);
}

const audit = spawnSync('npm', ['audit', '--omit=dev', '--audit-level=high', '--json'], { encoding: 'utf8' });
const report = parse(audit.stdout);
const answered = report?.metadata?.vulnerabilities !== undefined;
if (!answered) console.warn('npm audit: the registry did not answer, so that known holes were not looked for.');
const { high = 0, critical = 0 } = report?.metadata?.vulnerabilities ?? {};
if (high + critical > 0)
  console.error(`npm audit: ${high} high and ${critical} critical holes in what ships. Run: npm audit --omit=dev`);

console.log(
  `${components.length} production dependencies, ${refused.length} with a licence that may not ship; audit ${answered ? 'answered' : 'skipped'}.`,
);
if (refused.length > 0 || high + critical > 0) process.exitCode = 1;

function parse(json: string): { metadata?: { vulnerabilities?: { high?: number; critical?: number } } } | undefined {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
