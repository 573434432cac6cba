import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse, parseAllDocuments } from 'yaml';

/** Both ways to run it in Kubernetes: what an overlay changes must be in the base, or kustomize refuses it. */
type Resource = {
  kind: string;
  metadata: { name: string };
  // biome-ignore lint/suspicious/noExplicitAny: whatever a manifest holds; tests say what they expect of it
  spec?: any;
};
type Kustomization = { resources: string[]; patches?: { path?: string; target?: { kind: string; name: string } }[] };

const ROOT = 'deploy/kubernetes';
const read = <T>(...path: string[]): T => parse(readFileSync(join(ROOT, ...path), 'utf8'));
const nameOf = ({ kind, metadata }: Resource): string => `${kind} ${metadata.name}`;
const resourcesOf = (folder: string): Resource[] =>
  read<Kustomization>(folder, 'kustomization.yaml')
    .resources.filter((path) => path.endsWith('.yaml'))
    .map((path) => read<Resource>(folder, path));

const base = resourcesOf('base');
const baseOf = (kind: string) => base.find((resource) => resource.kind === kind)?.spec;

for (const overlay of ['sqlite', 'postgres']) {
  const { resources, patches = [] } = read<Kustomization>(overlay, 'kustomization.yaml');
  const patched = patches.flatMap(({ path }) => (path === undefined ? [] : [read<Resource>(overlay, path)]));
  const own = resourcesOf(overlay);

  t.test(`${overlay}: patches are of what the base has`, async (t) => {
    t.ok(resources.includes('../base'));
    const known = base.map(nameOf);
    const targets = patches.flatMap(({ target }) => (target ? [`${target.kind} ${target.name}`] : []));
    for (const name of [...patched.map(nameOf), ...targets]) t.ok(known.includes(name), name);
    const [{ spec }] = patched.filter(({ kind }) => kind === 'Deployment') as [Resource];
    const containers = (of: Resource['spec']) => of.template.spec.containers.map(({ name }: { name: string }) => name);
    t.same(containers(spec), containers(baseOf('Deployment')));
  });

  t.test(`${overlay}: as many replicas as its database bears`, async (t) => {
    const { spec } = patched.find(({ kind }) => kind === 'Deployment') ?? {};
    const claims = own.filter(({ kind }) => kind === 'PersistentVolumeClaim').map(({ metadata }) => metadata.name);
    const claimed = (spec.template.spec.volumes ?? []).map(
      (volume: { persistentVolumeClaim: { claimName: string } }) => volume.persistentVolumeClaim.claimName,
    );
    t.same(claims, claimed);
    const disrupted = own.filter(({ kind }) => kind === 'PodDisruptionBudget');
    const shape = { replicas: spec.replicas, recreate: spec.strategy.type, claims: claims.length };
    if (overlay === 'sqlite')
      t.match({ ...shape, disrupted }, { replicas: 1, recreate: 'Recreate', claims: 1, disrupted: [] });
    else t.match({ ...shape, disrupted }, { replicas: 2, claims: 0, disrupted: [{ spec: { minAvailable: 1 } }] });
  });

  const built = ['kustomize', 'kubectl']
    .map((tool) => spawnSync(tool, [...(tool === 'kubectl' ? ['kustomize'] : ['build']), join(ROOT, overlay)]))
    .find(({ error }) => error === undefined);
  t.test(`${overlay}: kustomize builds it`, { skip: built === undefined && 'there is no kustomize' }, async (t) => {
    t.equal(built?.status, 0, String(built?.stderr));
    const names = parseAllDocuments(String(built?.stdout)).map((document) => nameOf(document.toJS()));
    t.same(names.toSorted(), [...base, ...own].map(nameOf).toSorted());
  });
}

t.test('pods may ask for names, of the cache on their node too, and never for its credentials', async (t) => {
  const egress: { to: { ipBlock?: { cidr: string; except?: string[] } }[]; ports: { port: number }[] }[] =
    baseOf('NetworkPolicy').egress;
  const blocksOf = ({ to }: (typeof egress)[number]) => to.flatMap(({ ipBlock }) => (ipBlock ? [ipBlock.cidr] : []));
  const [names = []] = egress.map(blocksOf).filter((blocks) => blocks.length > 1);
  t.same(
    names,
    ['169.254.20.10/32', '172.20.0.10/32', '10.100.0.10/32'],
    'the cache’s own address, and kube-dns’s on EKS',
  );
  const ports = egress.filter((rule) => blocksOf(rule).includes('169.254.20.10/32')).map((rule) => rule.ports);
  t.same(
    ports.flat().map(({ port }) => port),
    [53, 53],
  );
  const everywhere = egress.flatMap(({ to }) => to).filter(({ ipBlock }) => ipBlock?.cidr === '0.0.0.0/0');
  t.same(everywhere, [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] } }]);
});
