import { pino } from 'pino';
import t from 'tap';
import type { AuthorizationRequest, Gains } from '../../src/access/guard/authorizer.ts';
import { createAuthorizer } from '../../src/authorization/authorizer.ts';
import { loadGuardrails } from '../../src/authorization/load.ts';
import { request } from './request.ts';

/** A decision is remembered for all requests that are alike in what the policies look at, and for no others. */

type Context = Partial<AuthorizationRequest['context']>;
const gains: Gains = { principals: [], accounts: [], actions: [], escalation: false, public: false, outside: false };
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
