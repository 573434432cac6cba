import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemaToJson } from '@cedar-policy/cedar-wasm/nodejs';
import pino from 'pino';
import t, { type Test } from 'tap';
import { guardedActions } from '../../src/access/guard/authorizer.ts';
import { createAuthorizer, DEFAULT_POLICIES } from '../../src/authorization/authorizer.ts';
import { schema } from '../../src/authorization/load.ts';
import { matchList } from '../match-list.ts';
import { until } from '../wait.ts';
import { request } from './request.ts';

const PERMIT = '@id("all")\npermit (principal, action, resource);\n';

/** An authorizer over these files, and what it logged. */
function authorizerOf(t: Test, files: Record<string, string>) {
  const directory = t.testdir(files);
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const authorizer = createAuthorizer({ directory, log });
  t.teardown(() => authorizer.close());
  return { authorizer, directory, logged: (text: string) => lines.filter((line) => line.includes(text)) };
}

t.test('the schema knows every guarded action, and no other', async (t) => {
  const answer = schemaToJson(schema);
  if (answer.type === 'failure') throw new Error('the schema must parse');
  const actions = Object.entries(answer.json['']?.actions ?? {});
  const callable = actions.filter(([, action]) => action.appliesTo?.principalTypes.length).map(([name]) => name);
  t.strictSame(callable.sort(), [...guardedActions].sort());
});

t.test('a bad policy stops the start, and the message names file and line', async (t) => {
  const bad: [what: string, text: string, message: RegExp][] = [
    ['syntax', `${PERMIT}\n// ünïcode\npermit (principal,\n  action resource);`, /bad\.cedar:6: .*unexpected token/],
    ['a missing semicolon', `${PERMIT}permit (principal, action, resource)`, /bad\.cedar:3: /],
    [
      'an unknown action',
      `\n\nforbid (principal, action == Action::"shar", resource);`,
      /bad\.cedar:3: .*did you mean/,
    ],
    [
      'an unknown attribute',
      'permit (principal, action, resource)\nwhen {\n  principal.scope.contains("x") };',
      /bad\.cedar:3: .*scope/,
    ],
    [
      'an optional attribute that is not asked for first',
      'forbid (principal, action == Action::"share", resource)\nwhen { context.lifetimeSeconds > 5 };',
      /bad\.cedar:2: .*lifetimeSeconds/,
    ],
    [
      'a tag that is not asked for first',
      'forbid (principal, action == Action::"share", resource)\n\nwhen { resource.getTag("team") == "x" };',
      /bad\.cedar:3: .*hasTag/,
    ],
    ['a template', `${PERMIT}\npermit (principal == ?principal, action, resource);`, /bad\.cedar:4: .*template/],
    [
      'an id given twice',
      `${PERMIT}// again\n${PERMIT}`,
      /bad\.cedar:4: the id all is taken by the policy at .*bad\.cedar:1/,
    ],
    ['an id that is no name', '\n@id("a b")\npermit (principal, action, resource);', /bad\.cedar:2: @id takes/],
    ['an approval without a group', '@approval permit (principal, action, resource);', /bad\.cedar:1: @approval needs/],
    [
      'an approval by a tag without a name',
      '@approval("tag:") permit (principal, action, resource);',
      /@approval needs/,
    ],
    [
      'an approval on a forbid',
      '@approval("x") forbid (principal, action, resource);',
      /bad\.cedar:1: @approval belongs on a permit/,
    ],
    ['no policy at all', '// nothing here yet; or is there?\n', /no policy in any \.cedar file/],
  ];
  for (const [what, text, message] of bad) t.throws(() => authorizerOf(t, { 'bad.cedar': text }), { message }, what);
  t.throws(() => createAuthorizer({ directory: join(t.testdirName, 'missing'), log: pino({ level: 'silent' }) }), {
    message: /^POLICIES_DIR is ".*missing"; it takes/,
  });
});

t.test(
  'policies without @id are called by file and number; semicolons in strings and comments cut nothing',
  async (t) => {
    const { authorizer } = authorizerOf(t, {
      'a.cedar': `// one; two\npermit (principal, action, resource);\nforbid (principal, action, resource) when { principal.subject == "a;\\";b" }; // end;`,
      'ignored.txt': 'not Cedar',
    });
    t.strictSame(authorizer.decide(request()), { allowed: true, approval: null, policies: ['a.cedar:1'] });
    t.strictSame(authorizer.decide(request({ identity: { subject: 'a;";b' } })), {
      allowed: false,
      policies: ['a.cedar:2'],
    });
  },
);

t.test('a policy that can never apply is logged as a warning', async (t) => {
  const { logged } = authorizerOf(t, {
    'a.cedar': `${PERMIT}forbid (principal, action, resource) when { resource is Group };`,
  });
  matchList(t, logged('"level":40'), [/a\.cedar:3: .*impossible/]);
});

t.test('a forbid that fails while it is evaluated forbids; a permit that fails permits nothing', async (t) => {
  const overflow = 'when { context has lifetimeSeconds && context.lifetimeSeconds * 9223372036854775807 > 0 }';
  const { authorizer, logged } = authorizerOf(t, {
    'a.cedar': `${PERMIT}@id("failing") forbid (principal, action, resource) ${overflow};`,
  });
  t.equal(authorizer.decide(request()).allowed, true);
  t.strictSame(authorizer.decide(request({ context: { lifetimeSeconds: 5 } })), {
    allowed: false,
    policies: ['failing'],
  });
  matchList(t, logged('"policy":"failing"'), [/overflow/]);

  const permits = authorizerOf(t, { 'a.cedar': `@id("failing") permit (principal, action, resource) ${overflow};` });
  t.strictSame(permits.authorizer.decide(request({ context: { lifetimeSeconds: 5 } })), {
    allowed: false,
    policies: [],
  });
});

t.test('an approval is needed only when every permit that applies asks for one', async (t) => {
  const { authorizer } = authorizerOf(t, {
    'a.cedar': `
      @id("approved") @approval("security") permit (principal, action, resource);
      @id("free") permit (principal, action, resource) when { principal in Group::"seniors" };
      @id("other") @approval("auditors") permit (principal, action, resource) when { principal in Group::"auditing" };`,
  });
  t.strictSame(authorizer.decide(request()), { allowed: true, approval: 'security', policies: ['approved'] });
  t.strictSame(authorizer.decide(request({ identity: { groups: ['seniors'] } })), {
    allowed: true,
    approval: null,
    policies: ['approved', 'free'],
  });
  t.strictSame(authorizer.decide(request({ identity: { groups: ['auditing'] } })), {
    allowed: true,
    approval: 'security',
    policies: ['approved', 'other'],
  });
});

t.test('expiry is a moment, and a lifetime is rounded up', async (t) => {
  const { authorizer } = authorizerOf(t, {
    'a.cedar': `${PERMIT}
      @id("moment") forbid (principal, action, resource) when { context has expiresAt && context.expiresAt > datetime("2030-01-01T00:00:00Z") };
      @id("hour") forbid (principal, action, resource) when { context has lifetimeSeconds && context.lifetimeSeconds > 3600 };`,
  });
  const decide = (context: Parameters<typeof request>[0] & object) => authorizer.decide(request(context)).policies;
  t.strictSame(decide({ context: { expiresAt: '2030-01-01T02:00:00+02:00', lifetimeSeconds: 3_600 } }), ['all']);
  t.strictSame(decide({ context: { expiresAt: '2030-01-01T00:00:00.001Z' } }), ['moment']);
  t.strictSame(decide({ context: { lifetimeSeconds: 3_600.2 } }), ['hour']);
});

t.test('a changed directory is in force within seconds; a bad set leaves the one before in force', async (t) => {
  const { authorizer, directory, logged } = authorizerOf(t, { 'a.cedar': PERMIT });
  writeFileSync(join(directory, 'b.cedar'), '@id("nobody") forbid (principal, action, resource);');
  await until(() => !authorizer.decide(request()).allowed);
  writeFileSync(join(directory, 'b.cedar'), 'forbid (nonsense);');
  await until(() => logged('not reloaded').length > 0);
  matchList(t, logged('not reloaded'), [/b\.cedar:1: /]);
  t.strictSame(authorizer.decide(request()).policies, ['nobody'], 'is not in force');
  renameSync(join(directory, 'b.cedar'), join(directory, 'b.off'));
  await until(() => authorizer.decide(request()).allowed);
  t.equal(logged('not reloaded').length, 1, 'a bad set is logged once');
});

t.test('reload is there for a signal too, and two authorizers do not share policies', async (t) => {
  const directory = t.testdir({ first: { 'a.cedar': PERMIT }, second: {} });
  const log = pino({ level: 'silent' });
  const defaults = join(directory, 'second');
  cpSync(DEFAULT_POLICIES, defaults, { recursive: true });
  const first = createAuthorizer({ directory: join(directory, 'first'), log });
  const second = createAuthorizer({ directory: defaults, log });
  t.teardown(() => {
    first.close();
    second.close();
  });
  t.equal(first.decide(request({ identity: { scopes: [] } })).allowed, true);
  t.equal(second.decide(request({ identity: { scopes: [] } })).allowed, false);
  t.equal(second.decide(request()).allowed, true, 'and this is not remembered beyond the reload');
  const write = join(defaults, 'write.cedar');
  writeFileSync(write, readFileSync(write, 'utf8').replace('policy:write', 'admin'));
  second.reload();
  t.equal(second.decide(request()).allowed, false);
});
