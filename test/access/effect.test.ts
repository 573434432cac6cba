import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { type EffectItem, effectOf } from '../../src/access/judge/effect/effect.ts';
import { type PolicyDocument, statementsOf } from '../../src/policy/document.ts';
import { atOnce, newBudget } from '../../src/policy/evaluate/budget.ts';
import { evaluateAccess } from '../../src/policy/evaluate/evaluate.ts';
import type { Caller, JudgedCall } from '../../src/policy/evaluate/evaluation.ts';
import { sameRole } from '../../src/policy/principals/principal.ts';
import { cases } from '../runs.ts';
import { HOME, OWN, OWN_USER, type Pair, policyPair, ROLE, SESSION, USER } from './arbitrary-policies.ts';
import { PROD_SECRET } from './prod-secret.ts';

const { numRuns: PAIRS, seed } = cases(20, 900, 30_000);
const NOW = new Date('2026-11-01T00:00:00Z');
/** When what ends in these policies has ended. */
const LATER = new Date('2030-01-01T00:00:00Z');
const UNTIL_LATER = 'Until 2030-01-01T00:00:00Z.';
const isOfLater = (words: string): boolean => words.startsWith('From ');
const WAYS = ['gains', 'loses'] as const;

const session = (account: string, path: string, name: string): Caller => ({
  type: 'assumedRole',
  arn: `arn:aws:iam::${account}:role/${path}app`,
  account,
  sessionArn: `arn:aws:sts::${account}:assumed-role/app/${name}`,
});
const user = (arn: string): Caller => ({ type: 'user', arn, account: arn.split(':')[4] ?? '' });

/** Whom the policies name, one more of each account, and some of accounts that they don't. */
const CALLERS: Caller[] = [
  user(USER),
  user('arn:aws:iam::222222222222:user/bob'),
  session('222222222222', 'team/', 's1'),
  session('222222222222', 'team/', 's2'),
  { ...session('222222222222', 'other-', 's1'), sessionArn: 'arn:aws:sts::222222222222:assumed-role/other-app/s1' },
  { type: 'account', arn: 'arn:aws:iam::222222222222:root', account: '222222222222' },
  user('arn:aws:iam::333333333333:user/carl'),
  { ...session('333333333333', '', 's9'), arn: 'arn:aws:iam::333333333333:role/app' },
  user('arn:aws:iam::444444444444:user/dora'),
  { ...session('444444444444', '', 's9'), arn: 'arn:aws:iam::444444444444:role/app' },
  user(OWN_USER),
  user(`arn:aws:iam::${OWN}:user/other`),
  { ...session(OWN, '', 's1'), arn: `arn:aws:iam::${OWN}:role/app` },
  { type: 'service', arn: '', account: '', service: 'lambda.amazonaws.com' },
];

type Context = Record<string, string | readonly string[]>;

const product = (...parts: Context[][]): Context[] =>
  parts.reduce<Context[]>((some, part) => some.flatMap((one) => part.map((more) => ({ ...one, ...more }))), [{}]);

const PLACES: Context[] = [
  {},
  { 'aws:PrincipalOrgID': HOME, 'aws:PrincipalOrgPaths': [`${HOME}/r-1/ou-1/`] },
  { 'aws:PrincipalOrgID': HOME, 'aws:PrincipalOrgPaths': [`${HOME}/r-2/`] },
  { 'aws:PrincipalOrgID': 'o-else000001', 'aws:PrincipalOrgPaths': ['o-else000001/r-9/'] },
];
const NETWORKS: Context[] = [
  { 'aws:SourceIp': '203.0.113.7' },
  { 'aws:SourceIp': '198.51.100.7' },
  ...['vpce-1', 'vpce-2', 'vpce-3'].map((vpce) => ({ 'aws:SourceVpce': vpce, 'aws:SourceVpc': 'vpc-1' })),
];
const STAGES: Context[] = [
  {},
  { 'secretsmanager:VersionStage': 'AWSCURRENT' },
  { 'secretsmanager:VersionStage': 'OLD' },
];
const TAGS: Context[] = [{}, { 'aws:PrincipalTag/team': 'payments' }, { 'aws:PrincipalTag/team': 'else' }];

const ACTIONS = [
  'secretsmanager:GetSecretValue',
  'secretsmanager:DescribeSecret',
  'secretsmanager:PutResourcePolicy',
  'secretsmanager:PutSecretValue',
];
const EVERYTHING: PolicyDocument = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };

const isService = ({ type }: Caller): boolean => type === 'service';

/** Every call of every caller, and whether it may before and after; in the owner's account without identity policies too. */
function* calls({ before, after }: Pair, now = NOW, callers = CALLERS) {
  const text = JSON.stringify([before, after]);
  const only = (key: string, contexts: Context[]): Context[] => (text.includes(key) ? contexts : contexts.slice(0, 1));
  // Services count where they are named: `*` is everybody who has an account.
  for (const caller of callers.filter((one) => !isService(one) || text.includes('lambda'))) {
    const places = isService(caller) ? [{}] : only('PrincipalOrg', PLACES);
    const contexts = product(
      places,
      /Source(Vpc|Ip)/.test(text) ? NETWORKS : NETWORKS.slice(0, 1),
      only('PrincipalTag', isService(caller) ? [{}] : TAGS),
    );
    for (const action of ACTIONS) {
      const stages = action === 'secretsmanager:GetSecretValue' ? only('VersionStage', STAGES) : [{}];
      for (const context of product(contexts, stages)) {
        for (const identity of caller.account === OWN ? [[EVERYTHING], []] : [[EVERYTHING]]) {
          const request: JudgedCall = {
            ...{ caller, action, resource: PROD_SECRET.arn, resourceAccount: OWN, contextIs: 'complete' },
            context: { ...context, 'aws:CurrentTime': now.toISOString(), 'aws:SecureTransport': 'true' },
          };
          const may = (policy: PolicyDocument | null) =>
            evaluateAccess({ request, resourcePolicy: policy, identityPolicies: identity }).decision === 'allowed';
          yield { caller, action, context, identity: identity.length, had: may(before), has: may(after) };
        }
      }
    }
  }
}

const isOf = (name: string, caller: Caller, context: Context): boolean =>
  name === caller.service ||
  (!isService(caller) &&
    (name === '*' ||
      name === caller.arn ||
      name === caller.sessionArn ||
      (caller.type === 'assumedRole' && !name.includes(':sts:') && sameRole(name, caller.arn)) ||
      name === `arn:aws:iam::${caller.account}:root` ||
      name === context['aws:PrincipalOrgID']));

const covers = (item: EffectItem, caller: Caller, context: Context): boolean =>
  isOf(item.principal, caller, context) && !item.except.some((name) => isOf(name, caller, context));

/** A session does not show its role's path: where no Principal tells it, it may be none. */
const movesOnOtherPath = (pair: Pair, now: Date, way: 'gains' | 'loses', action: string): boolean =>
  [...calls(pair, now, [session('222222222222', '', 's1')])].some(
    ({ had, has, action: done }) => done === action && (way === 'gains' ? !had && has : had && !has),
  );

t.test(`effects are those of every call tried, of ${PAIRS} pairs of policies`, async (t) => {
  const counted = { gains: 0, loses: 0, unconditional: 0 };
  fc.assert(
    fc.property(policyPair, (pair) => {
      const effect = atOnce(effectOf({ ...pair, secret: PROD_SECRET, now: NOW, budget: newBudget() }));
      for (const [way, now] of [
        ...WAYS.map((way) => [way, NOW] as const),
        ...WAYS.map((way) => [way, LATER] as const),
      ]) {
        const all = [...calls(pair, now)];
        const begins = effect[way].filter(({ conditions }) => conditions.some(isOfLater) === (now === LATER));
        const lasts = effect[way].filter(({ conditions }) => now === LATER && !conditions.includes(UNTIL_LATER));
        counted[way] += begins.length;
        const moves = all.filter(({ had, has }) => (way === 'gains' ? !had && has : had && !has));
        for (const { caller, action, context } of moves) {
          assert.ok(
            [...begins, ...lasts].some((item) => item.actions.includes(action) && covers(item, caller, context)),
            `${caller.sessionArn ?? caller.arn} ${way} ${action} ${JSON.stringify(context)}: ${JSON.stringify(effect)}`,
          );
        }
        for (const item of begins) {
          for (const action of item.actions.filter((one) => ACTIONS.includes(one))) {
            const of = (call: (typeof all)[number]) =>
              call.action === action && covers(item, call.caller, call.context);
            const may = moves.some(of) || (item.principal === SESSION && movesOnOtherPath(pair, now, way, action));
            assert.ok(may, `nobody ${way} ${action}: ${JSON.stringify(item)}`);
            if (item.conditions.some((words) => !words.startsWith('Until') && !isOfLater(words))) continue;
            counted.unconditional += 1;
            // In the owner's account it is so either with identity policies or without.
            const still = all.filter((call) => of(call) && !moves.includes(call));
            for (const { caller, context } of still) {
              const other = moves.some((call) => of(call) && call.caller === caller && call.context === context);
              assert.ok(
                caller.account === OWN && (other || moves.some((call) => of(call) && call.caller === caller)),
                `${caller.sessionArn ?? caller.arn} does not, ${JSON.stringify(context)}: ${JSON.stringify(item)}`,
              );
            }
          }
        }
      }
    }),
    { numRuns: PAIRS, seed },
  );
  for (const [what, count] of Object.entries(counted)) t.ok(count > PAIRS / 5, `${what}: ${count}`);
});

t.test('what only takes away never gains, what only adds never loses', async (t) => {
  const without = (document: PolicyDocument | null, effect: 'Allow' | 'Deny'): PolicyDocument | null => {
    const left = statementsOf(document).filter(({ Effect }) => Effect !== effect);
    return left.length === 0 ? null : { Version: '2012-10-17', Statement: left };
  };
  fc.assert(
    fc.property(policyPair, ({ after }) => {
      const effect = (before: PolicyDocument | null, now: PolicyDocument | null) =>
        atOnce(effectOf({ before, after: now, secret: PROD_SECRET, now: NOW, budget: newBudget() }));
      assert.deepEqual(effect(without(after, 'Deny'), after).gains, [], 'a denial');
      assert.deepEqual(effect(after, without(after, 'Allow')).gains, [], 'a revocation');
      assert.deepEqual(effect(without(after, 'Allow'), after).loses, [], 'a share');
    }),
    { numRuns: PAIRS, seed },
  );
  t.pass(`in ${PAIRS} pairs`);
});

t.test('a share of an account with a role that is denied gains for the others', async (t) => {
  const deny = { Effect: 'Deny' as const, Principal: { AWS: ROLE }, Action: 'secretsmanager:*', Resource: '*' };
  const allow = {
    Effect: 'Allow' as const,
    Principal: { AWS: '222222222222' },
    Action: 'secretsmanager:GetSecretValue',
    Resource: '*',
  };
  const document = (...Statement: (typeof deny | typeof allow)[]): PolicyDocument => ({
    Version: '2012-10-17',
    Statement,
  });
  t.same(
    atOnce(
      effectOf({
        before: document(deny),
        after: document(deny, allow),
        secret: PROD_SECRET,
        now: NOW,
        budget: newBudget(),
      }),
    ),
    {
      gains: [
        {
          principal: 'arn:aws:iam::222222222222:root',
          kind: 'account',
          actions: ['secretsmanager:GetSecretValue'],
          conditions: [],
          except: [ROLE],
        },
      ],
      loses: [],
    },
  );
});
