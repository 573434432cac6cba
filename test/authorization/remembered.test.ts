import { pino } from 'pino';
import t from 'tap';
import type { AuthorizationRequest, Gains } from '../../src/access/guard/authorizer.ts';
import { createAuthorizer } from '../../src/authorization/authorizer.ts';
import { loadGuardrails } from '../../src/authorization/load.ts';
import { request } from './request.ts';

/** A decision is remembered for all requests that are alike in what the policies look at, and for no others. */

type Context = Partial<AuthorizationRequest['context']>;
const gains: Gains = { principals: [], accounts: [], actions: [], escalation: false, public: false, outside: false };
const ARN = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:one-a1b2c3';
const MARY = 'arn:aws:iam::123456789999:user/Mary';

/** What forbids, the attributes that it looks at, and a context that it forbids. */
const forbids: [when: string, reads: string[] | 'any', forbidden: Context][] = [
  ['context.dryRun', ['dryRun'], { dryRun: true }],
  ['context has principal && context.principal like "*Mary"', ['principal'], { principal: MARY }],
  ['context has lifetimeSeconds', ['lifetimeSeconds'], { lifetimeSeconds: 60 }],
  [
    'if context.hasReason then context.hasTicket else false',
    ['hasReason', 'hasTicket'],
    { hasReason: true, hasTicket: true },
  ],
  ['[context.gainsPublic].contains(true)', ['gainsPublic'], { gains: { ...gains, public: true } }],
  ['{a: context.gainsOutside}.a', ['gainsOutside'], { gains: { ...gains, outside: true } }],
  ['context["gainsAccounts"].containsAny(["1"])', ['gainsAccounts'], { gains: { ...gains, accounts: ['1'] } }],
  ['["x"].containsAny(context.gainsActions)', ['gainsActions'], { gains: { ...gains, actions: ['x'] } }],
  ['{a: context}.a.escalates', 'any', { escalates: true }],
];

const textOf = (all: typeof forbids) =>
  [
    'permit (principal, action, resource);',
    ...all.map(
      ([when], n) => `@id("no-${n}") forbid (principal, action == Action::"share", resource) when { ${when} };`,
    ),
  ].join('\n');

t.test('whatever form it has, what a policy looks at tells requests apart', async (t) => {
  const directory = t.testdir({ 'a.cedar': textOf(forbids.filter(([, reads]) => reads !== 'any')) });
  const authorizer = createAuthorizer({ directory, log: pino({ level: 'silent' }) });
  t.teardown(() => authorizer.close());
  const decide = (context: Context) => authorizer.decide(request({ context }));
  for (const turn of ['asked', 'remembered']) {
    t.match(decide({}), { allowed: true }, turn);
    for (const [n, [when, reads, forbidden]] of forbids.entries()) {
      if (reads !== 'any') t.match(decide(forbidden), { allowed: false, policies: [`no-${n}`] }, `${turn}: ${when}`);
    }
  }
});

t.test('what a policy looks at is known of each, and is all of it where it takes the context as a whole', async (t) => {
  const { byId } = loadGuardrails(t.testdir({ 'a.cedar': textOf(forbids) }));
  for (const [n, [when, reads]] of forbids.entries()) t.same(byId.get(`no-${n}`)?.reads, reads, when);
});

t.test(
  'what no policy looks at asks for no decision of its own, nor does another caller get that of one',
  async (t) => {
    const directory = t.testdir({
      'a.cedar': '@id("all") permit (principal, action, resource) when { principal.groups.contains("a") };',
    });
    const authorizer = createAuthorizer({ directory, log: pino({ level: 'silent' }) });
    t.teardown(() => authorizer.close());
    const ask = (principal: string, groups: string[]) =>
      authorizer.decide(request({ identity: { groups }, context: { principal, lifetimeSeconds: principal.length } }));
    t.equal(ask(MARY, ['a']), ask('arn:aws:iam::1:root', ['a']), 'the very same');
    t.equal(ask(MARY, []).allowed, false);
    t.equal(ask(MARY, ['a']).allowed, true);
  },
);

/** What is read of the secret, and by which policy. */
const asksOf: [policy: string, reads: string[] | 'any'][] = [
  ['permit (principal, action, resource) when { resource.account == "111111111111" };', ['account']],
  ['permit (principal, action == Action::"share", resource) when { [resource.name].contains("a") };', ['name']],
  [
    'permit (principal, action == Action::"share", resource) when { {a: resource["region"]}.a like "us-*" };',
    ['region'],
  ],
  ['permit (principal, action == Action::"share", resource) when { resource.hasTag("team") };', []],
  [
    'permit (principal, action == Action::"share", resource) when { resource.hasTag(resource.name) && resource.getTag(resource.name) == "b" };',
    ['name'],
  ],
  ['permit (principal, action == Action::"share", resource) when { resource == Secret::"a" };', 'any'],
  ['permit (principal, action == Action::"share", resource == Secret::"a");', 'any'],
  ['permit (principal, action == Action::"share", resource in Secret::"a");', 'any'],
  ['permit (principal, action == Action::"share", resource is Secret);', 'any'],
  ['permit (principal, action == Action::"share", resource) when { Secret::"a" in resource };', 'any'],
  ['permit (principal, action == Action::"share", resource) when { {a: resource}.a.name == "b" };', 'any'],
  [
    'permit (principal, action == Action::"share", resource) when { (if true then resource else resource).name == "b" };',
    'any',
  ],
];

t.test('what a policy looks at of a secret is known, and is all of it where it asks which one that is', async (t) => {
  for (const [policy, reads] of asksOf) {
    const text = `@id("one") ${policy}`.replace(
      'permit (principal, action, ',
      'permit (principal, action == Action::"share", ',
    );
    t.same(loadGuardrails(t.testdir({ 'a.cedar': text })).byId.get('one')?.readsOfResource, reads, policy);
  }
});

t.test('of secrets that no policy tells apart one decision is taken, and of others none is borrowed', async (t) => {
  const open = (policy: string) => {
    const directory = t.testdir({ 'a.cedar': policy });
    const authorizer = createAuthorizer({ directory, log: pino({ level: 'silent' }) });
    t.teardown(() => authorizer.close());
    return (secret: Partial<NonNullable<AuthorizationRequest['secret']>> | null, more: object = {}) =>
      authorizer.decide(request({ secret, ...more }));
  };
  const byTag = open(
    'permit (principal, action, resource); @id("red") forbid (principal, action == Action::"share", resource) when { resource.hasTag("team") && resource.getTag("team") == "red" };',
  );
  const one = byTag({ name: 'one' });
  t.equal(byTag({ name: 'two' }), one, 'the very same');
  for (const turn of ['asked', 'remembered']) {
    t.match(byTag({ name: 'two', tags: { team: 'red' } }), { allowed: false, policies: ['red'] }, turn);
    t.match(byTag({ name: 'two', tags: { team: 'blue' } }), { allowed: true }, turn);
  }
  t.not(byTag(null, { action: 'startOperation' }), one);

  const byName = open('permit (principal, action == Action::"share", resource) when { resource.name like "one*" };');
  const bySecret = open(`permit (principal, action == Action::"share", resource == Secret::"${ARN}");`);
  for (const decide of [byName, bySecret])
    for (const turn of ['asked', 'remembered']) {
      t.equal(decide({ name: 'one', arn: ARN }).allowed, true, turn);
      t.equal(decide({ name: 'two' }).allowed, false, turn);
    }
});
