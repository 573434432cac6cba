import { globSync, readFileSync } from 'node:fs';
import t from 'tap';
import { exampleOf } from '../../src/problems/document.ts';
import { type ProblemCode, problemCodes, problems } from '../../src/problems/table.ts';
import { operationsOf } from '../document.ts';
import { build, MARY } from '../helper.ts';

const { app, call } = await build(t);
const SECRET = '/v1/secrets/demo%2Fdatabase';

t.test('every code is thrown somewhere', async (t) => {
  const sources = globSync(['app.ts', '{bin,plugins,routes,src}/**/*.ts'], { exclude: ['src/local-aws/**'] });
  const thrown = sources.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/new DomainError\(\s*(['`])(.+?)\1/g)].flatMap(([, , code = '']) =>
      ['share', 'denial', 'restriction'].map((kind) => code.replace(/\$\{kind\}/, kind)),
    ),
  );
  for (const code of problemCodes) t.ok(thrown.includes(code), code);
});

t.test('how each code comes about is shown by a test', async (t) => {
  const tests = globSync('test/**/*.ts').map((file) => readFileSync(file, 'utf8'));
  for (const code of problemCodes)
    t.ok(
      tests.some((text) => text.includes(code)),
      code,
    );
});

/** They are answered before there is a route, so that no operation of the document can claim them. */
const BEFORE_ROUTING: ProblemCode[] = [
  'headers-too-large',
  'malformed-request',
  'method-not-allowed',
  'request-timeout',
];

t.test('every code is claimed by an operation, and shown there by its example', async (t) => {
  const claimed = operationsOf(app).flatMap(({ responses }) =>
    Object.values(responses).flatMap(({ content }) => content?.['application/problem+json']?.['x-problem-codes'] ?? []),
  );
  t.strictSame([...new Set([...claimed, ...BEFORE_ROUTING])].sort(), [...problemCodes].sort(), 'claimed');
  const { components } = app.swagger() as { components?: { examples?: Record<string, { value: unknown }> } };
  for (const code of claimed) t.strictSame(components?.examples?.[code]?.value, exampleOf(code), code);
});

t.test('every code has its page, which says what happened and what to do', async (t) => {
  for (const code of problemCodes) {
    const { status, body } = await call('GET', `/problems/${code}`);
    const { title, what, todo } = problems[code];
    t.equal(status, 200, code);
    for (const text of [title, what, todo]) t.ok(body.includes(text), `${code}: ${text}`);
  }
});

type Asked = [method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: unknown, headers?: Record<string, string>];

const ANYBODY = {
  Statement: [{ Sid: 'Everybody', Effect: 'Allow', Principal: '*', Action: 'secretsmanager:*', Resource: '*' }],
};

/** How to come into the case that an example shows. */
const CASES: [ProblemCode, ...Asked][] = [
  ['validation-failed', 'POST', `${SECRET}/shares`, { principal: MARY, reasons: 'Why' }],
  ['route-not-found', 'GET', '/nothing'],
  ['precondition-required', 'DELETE', `${SECRET}/policy`],
  ['secret-not-found', 'GET', '/v1/secrets/demo%2Fdatabse'],
  ['share-not-found', 'GET', `${SECRET}/shares/9f2b6d0c5a1e4b7f`],
  ['denial-not-found', 'GET', `${SECRET}/denials/9f2b6d0c5a1e4b7f`],
  ['restriction-not-found', 'GET', `${SECRET}/restrictions/9f2b6d0c5a1e4b7f`],
  [
    'change-not-found',
    'POST',
    `${SECRET}/policy/rollback`,
    { changeId: '0199b2c4-6f0e-7cc1-9b0a-2f6f1d3c5a77' },
    { 'if-match': '*' },
  ],
  ['event-not-found', 'GET', '/v1/audit-events/nope'],
  ['operation-not-found', 'GET', '/v1/operations/nope'],
  ['approval-not-found', 'GET', '/v1/approvals/nope'],
  ['kms-key-not-shareable', 'POST', '/v1/secrets/demo%2Fdefault-key/shares', { principal: MARY }],
  ['partition-mismatch', 'POST', `${SECRET}/shares`, { principal: 'arn:aws-cn:iam::222222222222:role/app' }],
  [
    'policy-malformed',
    'PUT',
    `${SECRET}/policy`,
    { Statement: [{ Effect: 'Permit', Principal: '*', Action: 'secretsmanager:*', Resource: '*' }] },
    { 'if-match': '*' },
  ],
  ['principal-not-nameable', 'POST', `${SECRET}/shares`, { principal: 'arn:aws:iam::123456789999:group/admins' }],
  ['principal-not-found', 'POST', `${SECRET}/shares`, { principal: 'arn:aws:iam::123456789999:user/Nobody' }],
  ['policy-public', 'PUT', `${SECRET}/policy`, ANYBODY, { 'if-match': '*' }],
  ['escalation-not-acknowledged', 'POST', `${SECRET}/shares`, { principal: MARY, actions: ['secretsmanager:*'] }],
];

t.test('an example is what the service answers in its case, to the letter', async (t) => {
  await call('POST', `${SECRET}/shares`, { principal: MARY });
  for (const [code, ...asked] of CASES) {
    const { requestId, traceId: _, changeId: __, awsRequestId, ...answer } = (await call(...asked)).json;
    const { requestId: ___, awsRequestId: shown, ...example } = exampleOf(code);
    t.strictSame(answer, example, code);
    t.ok(requestId, code);
    t.equal(typeof awsRequestId, typeof shown, code);
  }
});
