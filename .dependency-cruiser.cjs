/** Arrows run one way (docs/architecture.md): routes -> access -> policy, audit; plugins -> adapters -> access/ports. */
const pure =
  '^(src/(access|audit|aws|authentication|authorization|database|local-aws|app|server|local|config)|routes|plugins)';
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    {
      name: 'policy-is-pure',
      comment: 'src/policy knows no clock, no I/O, no framework and no SDK.',
      severity: 'error',
      from: { path: '^src/policy' },
      to: {
        path: [
          pure,
          'node_modules/(fastify|@fastify/(?!type-provider)|@aws-sdk|pino|kysely|pg)',
          '^(node:)?(fs|http|https|net|sqlite)$',
        ],
      },
    },
    {
      name: 'use-cases-know-ports-only',
      severity: 'error',
      from: { path: '^src/access' },
      to: {
        path: [
          '^src/(aws|database|authentication|authorization|local-aws|app|services|server|local)',
          '^(routes|plugins)',
          'node_modules/(fastify|@fastify|@aws-sdk|kysely|pg)/',
        ],
      },
    },
    {
      name: 'audit-knows-no-http-and-no-aws',
      severity: 'error',
      from: { path: '^src/audit/' },
      to: {
        path: [
          '^src/(aws|authorization|local-aws|app|server|local)',
          '^(routes|plugins)',
          'node_modules/(fastify|@fastify|@aws-sdk)/',
        ],
      },
    },
    {
      name: 'adapters-know-no-http',
      severity: 'error',
      from: { path: '^src/(aws|database|authentication|authorization)' },
      to: { path: ['^(routes|plugins)', '^src/(local-aws|app|server|local)', 'node_modules/(fastify|@fastify)/'] },
    },
    {
      name: 'routes-call-use-cases-only',
      severity: 'error',
      from: { path: '^routes' },
      to: { path: ['^src/(aws|database|local-aws|app|server|local)', 'node_modules/(@aws-sdk|kysely|pg)/'] },
    },
    {
      name: 'the-stand-in-is-reached-from-local-only',
      comment: 'The embedded Secrets Manager is a development part: nothing that runs in production imports it.',
      severity: 'error',
      from: { path: '^(src|routes|plugins)', pathNot: '^src/(local-aws|local)' },
      to: { path: '^src/local-aws' },
    },
    {
      name: 'nothing-shipped-imports-dev-dependencies',
      severity: 'error',
      from: { path: '^(src|routes|plugins)' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
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
