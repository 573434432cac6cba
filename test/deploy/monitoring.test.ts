import { readFileSync } from 'node:fs';
import t from 'tap';
import { build } from '../helper.ts';

/** Dashboard, alerts and guide name the metrics that there are, and every metric is named in them. */
const read = (path: string): string => readFileSync(path, 'utf8');
const guide = read('docs/operations.md');
const dashboard = read('deploy/grafana/dashboard.json');
const alerts = read('deploy/prometheus/alerts.yaml');

const { call } = await build(t);
const page = (await call('GET', '/metrics')).body;
const exposed = new Map([...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
/** The series that a query may name. */
const series = [...exposed].flatMap(([name, type]) =>
  type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name],
);
const ours = [...exposed.keys()].filter((name) => !/^(nodejs|process)_/.test(name));

/** A user of the database, which is named as metrics are. */
const ARCHIVER = 'secret_access_archive';

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
  t.same(unknown(named(guide), [...ours, ...series, ARCHIVER]), []);
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

t.test('what a single event sets off counts from the start, so that the first is seen to come', async (t) => {
  const single = alerts.split(/^ {6}- /m).filter((rule) => rule.includes('increase(') && !/^ {8}for: /m.test(rule));
  t.ok(single.length >= 4);
  for (const rule of single) {
    const [, name = '', label = ''] = /increase\((\w+)(?:\{(.*?)\})?\[/.exec(rule) ?? [];
    t.match(page, new RegExp(`^${name}(?:\\{[^}]*${label}[^}]*\\})? 0$`, 'm'), `${name} ${label}`);
  }
});

t.test('an alert tells of a service that is gone, and of bulk work by its age', async (t) => {
  t.match(alerts, /^ {8}expr: absent\(up\{job="secret-access-service"\} == 1\)$/m);
  t.match(alerts, /^ {8}expr: max\(secret_access_bulk_oldest_operation_seconds\) > \d+$/m);
});
