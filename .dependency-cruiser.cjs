/**
 * Arrows run one way (docs/architecture.md): bin -> app -> routes, plugins -> use cases -> pure cores; services joins the
 * adapters to the use cases. What is not allowed here is an error.
 */
const frameworks = 'node_modules/(fastify|@fastify|@aws-sdk|pino|kysely|pg|jose|prom-client|@opentelemetry)/';
const http = '^(app\\.ts|bin|routes|plugins)';
const wiring = '^(app\\.ts|bin|src/(services|config)/)';
/** Small parts that anything may use: one SHA-256, one cursor, one bounded cache, … */
const parts = '^src/([^/]+\\.ts$|(json|files|turns)/)';
/** Those of them that look at the time, at chance or at files. */
const impureParts = '^src/((clock|uuid)\\.ts$|(files|turns)/)';
const adapters = '^src/(aws|database|authentication|authorization|telemetry|local-aws)/';

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    forbid(
      'policy-is-pure',
      'src/policy knows no clock, no I/O, no framework and no SDK.',
      { path: '^src/policy/' },
      {
        path: [
          http,
          wiring,
          adapters,
          impureParts,
          '^src/(access|audit|estate)/',
          frameworks,
          '^(node:)?(fs|https?|net|sqlite)',
        ],
      },
    ),
    forbid(
      'audit-is-pure',
      'src/audit is event, chain, verification and export formats; what stores them is src/database/journal.',
      { path: '^src/audit/' },
      { path: [http, wiring, adapters, '^src/access/', frameworks, '^(node:)?(fs|https?|net|sqlite)'] },
    ),
    forbid(
      'problems-are-pure',
      'What can go wrong, and in which words: nothing of who says it.',
      { path: '^src/problems/' },
      { path: [http, wiring, adapters, '^src/(access|audit|policy)/', frameworks] },
    ),
    forbid(
      'parts-know-only-parts',
      'What anything may use knows nothing of its users.',
      { path: parts },
      { path: [http, wiring, '^src/(?!(problems|json|files|turns)/)[^/]+/'] },
    ),
    forbid(
      'use-cases-know-ports-only',
      'src/access says what it needs from outside; adapters give it.',
      { path: '^src/access/' },
      { path: [http, wiring, adapters, frameworks] },
    ),
    forbid(
      'the-estate-knows-ports-only',
      'src/estate looks at what src/access judges, over all accounts; nothing there knows of it.',
      { path: '^src/estate/' },
      { path: [http, wiring, adapters, frameworks] },
    ),
    forbid('nobody-changes-by-the-estate', undefined, { path: '^src/access/' }, { path: '^src/estate/' }),
    forbid(
      'src-knows-no-http',
      'Only app.ts, plugins and routes know that requests come by HTTP.',
      { path: '^src/' },
      { path: [http, 'node_modules/(fastify|@fastify)/'] },
    ),
    forbid(
      'adapters-do-not-wire',
      'An adapter knows its library, and the ports that it fits; not the other adapters, nor who joins them.',
      { path: '^src/(aws|database|authentication|authorization|telemetry)/' },
      { path: wiring },
    ),
    ...['aws', 'database', 'authentication', 'authorization', 'telemetry'].map((name) =>
      forbid(
        `${name}-knows-no-other-adapter`,
        'Adapters are joined by src/services.',
        { path: `^src/${name}/` },
        { path: adapters, pathNot: `^src/${name}/` },
      ),
    ),
    forbid(
      'plugins-know-no-routes',
      'What holds for every route is told to plugins by the route’s config.',
      { path: '^plugins/' },
      { path: ['^routes', wiring, '^src/(aws|database|authorization|local-aws)/'] },
    ),
    forbid(
      'routes-know-no-plugins',
      'A route uses what plugins decorated; it does not import them.',
      { path: '^routes/' },
      { path: ['^plugins', wiring] },
    ),
    forbid(
      'routes-call-use-cases-only',
      undefined,
      { path: '^routes/' },
      { path: [adapters, 'node_modules/(@aws-sdk|kysely|pg)/'] },
    ),
    forbid(
      'services-are-joined-without-http',
      'src/services joins adapters to use cases, whoever calls them.',
      { path: '^src/services/' },
      { path: [http, '^src/local-aws/', 'node_modules/(fastify|@fastify)/'] },
    ),
    forbid('the-app-is-not-a-process', undefined, { path: '^app\\.ts' }, { path: ['^bin/', '^src/local-aws/'] }),
    forbid(
      'the-app-is-given-services',
      'app.ts wires HTTP; src/services joins the adapters.',
      { path: '^app\\.ts' },
      { path: adapters, pathNot: '^src/telemetry/' },
    ),
    forbid(
      'the-stand-in-stands-alone',
      'The embedded AWS is AWS: it shares the grammar of policies with the service, and nothing else.',
      { path: '^src/local-aws/' },
      { path: [http, wiring, '^src/(access|audit|aws|database|authentication|authorization|telemetry)/'] },
    ),
    forbid(
      'the-stand-in-is-reached-from-local-only',
      'The embedded AWS is a development part: nothing that runs in production imports it.',
      { pathNot: ['^src/local-aws/', '^bin/local', '^(test|bench|scripts)/'] },
      { path: '^src/local-aws/' },
    ),
    forbid(
      'nothing-shipped-imports-dev-dependencies',
      undefined,
      { path: '^(app\\.ts|bin|src|routes|plugins)' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
