import { readFileSync } from 'node:fs';
import t from 'tap';
import { build } from '../helper.ts';

/** Dashboard, alerts and guide name the metrics that there are, and every metric is named in them. */
const read = (path: string): string => readFileSync(path, 'utf8');
const guide = read('docs/operations.md');
const dashboard = read('deploy/grafana/dashboard.json');
const alerts = read('deploy/prometheus/alerts.yaml');

const { call } = await build(t);
const exposed = new Map(
  [...(await call('GET', '/metrics')).body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [
    name,
    type,
  ]),
);
/** The series that a query may name. */
const series = [...exposed].flatMap(([name, type]) =>
  type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name],
);
const ours = [...exposed.keys()].filter((name) => !/^(nodejs|process)_/.test(name));

/** Names of metrics, as far as they are of this service. */
const named = (text: string): string[] => [
  ...new Set(text.match(/\b(?:secret_access|http_request|nodejs|process)_[a-z0-9_]*[a-z0-9]\b/g)),
];
const expressions = (text: string): string => text.match(/^ *"?expr"?: (?:>-\n(?: {10}.+\n)+|.*)/gm)?.join('\n') ?? '';
const unknown = (names: readonly string[], known: readonly string[]) => names.filter((name) => !known.includes(name));

t.test('what the dashboard and the alerts ask for is there', async (t) => {
  t.ok(ours.length > 15, `${ours}`);
  for (const [file, text] of Object.entries({ dashboard, alerts })) {
    const asked = named(expressions(text));
    t.ok(asked.length > 5, file);
    t.same(unknown(asked, series), [], file);
  }
});

t.test('the dashboard shows every metric of ours, and its panels lie beside each other', async (t) => {
  const shown = named(expressions(dashboard)).map((name) => name.replace(/_(?:bucket|sum|count)$/, ''));
  t.same(unknown(ours, shown), []);
  const { panels } = JSON.parse(dashboard) as {
    panels: { id: number; title: string; gridPos: Record<string, number> }[];
  };
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length, 'ids differ');
  const cells = panels.flatMap(({ gridPos: { x = 0, y = 0, w = 0, h = 0 } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)}/${y + Math.floor(at / w)}`),
  );
  t.equal(new Set(cells).size, cells.length, 'no panel covers another');
});

t.test('the guide has a row for every metric, and for no other', async (t) => {
  const rows = [...guide.matchAll(/^\| `((?:secret_access|http)_\w+)` \|/gm)].map(([, name]) => name);
  t.same(rows.sort(), [...ours].sort());
  t.same(unknown(named(guide), [...ours, ...series]), []);
});

t.test('every alert says what is wrong, and leads to a part of the guide that is there', async (t) => {
  const anchors = [...guide.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
  const rules = alerts.split(/^ {6}- /m).slice(1);
  t.ok(rules.length > 10);
  const names = rules.map((rule) => {
    const [, name = ''] = /^alert: (\w+)$/m.exec(rule) ?? [];
    t.match(rule, /^ {8}expr: /m, name);
    t.match(rule, /^ {8}labels: \{ severity: (critical|warning|info) \}$/m, name);
    t.match(rule, /^ {10}summary: (['"]).{20,}\1$/m, name);
    const [, anchor = ''] = /^ {10}runbook: docs\/operations\.md#(\S+)$/m.exec(rule) ?? [];
    t.ok(anchors.includes(anchor), `${name}: ${anchor}`);
    t.match(guide, new RegExp(`^\\| \`${name}\` \\|.*\\(#${anchor}\\) \\|$`, 'm'), `${name} is in the guide`);
    return name;
  });
  t.equal(new Set(names).size, names.length);
  const inGuide = [...guide.matchAll(/^\| `(SecretAccess\w+)`/gm)].map(([, name]) => name);
  t.same(inGuide.sort(), names.sort(), 'and the guide knows no other');
});
