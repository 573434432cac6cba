import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { readConfig } from '../../src/config/index.ts';
import { changeEventNames } from '../../src/estate/events/hint.ts';
import { build } from '../helper.ts';

/** What deployment files say, held to the service: the names of variables, paths and times drift apart silently. */
const read = (path: string): string => readFileSync(path, 'utf8');
const deployment = read('deploy/kubernetes/base/deployment.yaml');
const dockerfile = read('Dockerfile');
const compose = read('compose.yaml');

/** `KEY: value` and `KEY=value` lines, in the simple form that these files keep to. */
const variablesOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/^(?:ENV)? +([A-Z][A-Z0-9_]+)(?:: |=)(.+?)(?: \\)?$/gm)].map(([, name = '', value = '']) => [
      name,
      value.replace(/^"(.*)"$/, '$1'),
    ]),
  );
const secondsOf = (name: string): number => Number(new RegExp(`${name}: "?(\\d+)`).exec(deployment)?.[1]);

const inImage = variablesOf(dockerfile);
const environments = {
  'the ConfigMap': variablesOf(read('deploy/kubernetes/base/configmap.yaml')),
  'the ConfigMap of many replicas': {
    ...variablesOf(read('deploy/kubernetes/base/configmap.yaml')),
    ...variablesOf(read('deploy/kubernetes/postgres/configmap.yaml')),
    DATABASE_URL: 'postgres://u:p@h/d',
  },
  compose: variablesOf(compose.slice(compose.indexOf('\n  service:'), compose.indexOf('\n  local-aws:'))),
};

for (const [name, environment] of Object.entries(environments)) {
  t.test(`${name} is a configuration that the service takes, and sets nothing that it does not know`, async (t) => {
    const config = readConfig({ ...inImage, ...environment });
    t.equal(config.host, '0.0.0.0');
    t.match(config.databaseUrl, name === 'the ConfigMap' ? /^sqlite:\/data\// : /^postgres:/);
    const source = globSync('src/config/*.ts')
      .map((path) => read(path))
      .join('\n');
    const known = new Set(source.match(/[A-Z][A-Z0-9_]{3,}/g));
    const unknown = Object.keys(environment).filter((variable) => !known.has(variable) && !variable.startsWith('AWS_'));
    t.strictSame(unknown, []);
  });
}

t.test('probes ask for paths that answer', async (t) => {
  const { call } = await build(t);
  const probed = [
    ...deployment.matchAll(/path: (\/\w+)/g),
    ...dockerfile.matchAll(/process\.env\.PORT\}(\/\w+)`/g),
  ].map(([, path = '']) => path);
  t.strictSame(probed, ['/livez', '/livez', '/readyz', '/livez']);
  for (const path of probed) t.equal((await call('GET', path)).status, 200, path);
});

t.test('whoever stops the service waits longer than it takes to close', async (t) => {
  const close = Number(/CLOSE_MS = ([\d_]+)/.exec(read('bin/process.ts'))?.[1]?.replaceAll('_', '')) / 1_000;
  t.ok(close > 0);
  t.ok(secondsOf('terminationGracePeriodSeconds') > close + secondsOf('sleep: { seconds'), 'Kubernetes');
  t.ok(Number(/stop_grace_period: (\d+)s/.exec(compose)?.[1]) > close, 'compose');
});

t.test('the readiness probe waits longer than the service does for its database', async (t) => {
  const wait = Number(/timeoutMs: ([\d_]+)/.exec(read('src/database/connect.ts'))?.[1]?.replaceAll('_', '')) / 1_000;
  t.ok(wait > 0);
  const probe = deployment.slice(deployment.indexOf('readinessProbe'));
  t.ok(Number(/timeoutSeconds: (\d+)/.exec(probe)?.[1]) > wait);
});

t.test('an image can be built on a base by its digest, in both stages, and names it', async (t) => {
  t.equal(dockerfile.match(/^FROM /gm)?.length, 2);
  t.equal(dockerfile.match(/^FROM \$\{BASE_IMAGE\}(?: |$)/gm)?.length, 2);
  t.match(dockerfile, /org\.opencontainers\.image\.base\.name="\$\{BASE_IMAGE\}"/);
  t.match(read('docs/operations.md'), /--build-arg BASE_IMAGE=\S+@sha256:/);
});

t.test('local mode stays out of the image', async (t) => {
  const rules = read('.dockerignore').split('\n');
  for (const path of ['src/local-aws', ...globSync('bin/local*.ts')]) {
    t.ok(existsSync(path));
    t.ok(rules.lastIndexOf(path) > rules.indexOf('!src'), path);
  }
});

t.test('Terraform reads the policy that local mode runs under', async (t) => {
  const files = globSync('deploy/terraform/**/*.tf');
  const named = files.flatMap((file) =>
    [...read(file).matchAll(/file\("\$\{path\.module\}\/([^"]+)"\)/g)].map(([, path = '']) =>
      join(dirname(file), path),
    ),
  );
  const [policy, pattern] = ['docs/iam-policy.json', 'deploy/terraform/change-events/pattern.json'];
  const ofRole = 'docs/reader-iam-policy.json';
  const ofReaders = 'deploy/terraform/reader-account/policy.json';
  t.strictSame(named.toSorted(), [pattern, pattern, pattern, ofReaders, policy, policy, ofRole]);
  for (const file of files) {
    for (const [line] of read(file).matchAll(/^.*iam-policy\.json.*$/gm)) {
      t.match(line, /"arn:aws:", "arn:\$\{data\.aws_partition\.current\.partition\}:"/, `${file}: in every partition`);
    }
  }
});

t.test('links between documents lead somewhere', async (t) => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md')];
  const headings = (path: string): string[] =>
    [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
  for (const document of documents) {
    for (const [, target = ''] of read(document).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? document : join(dirname(document), path);
      t.ok(existsSync(file), `${document}: ${target}`);
      if (anchor !== undefined && existsSync(file)) t.ok(headings(file).includes(anchor), `${document}: ${target}`);
    }
  }
});

t.test('the rules of Terraform forward the events that lead to a look, and no others', async (t) => {
  const { detail } = JSON.parse(read('deploy/terraform/change-events/pattern.json'));
  for (const file of globSync('deploy/terraform/change-events/**/*.tf'))
    t.match(
      read(file),
      /(?:event_pattern|EventPattern) += (?:jsondecode\()?file\("\$\{path\.module\}\/(?:\.\.\/)?pattern\.json"\)/,
      file,
    );
  t.strictSame(detail.eventName.toSorted(), [...changeEventNames].toSorted());
});
