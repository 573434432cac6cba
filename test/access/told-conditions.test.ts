import t from 'tap';
import { openQuestions } from '../../src/access/judge/dependency.ts';
import { effectOf } from '../../src/access/judge/effect/effect.ts';
import { judgeAccess } from '../../src/access/judge/judge-access.ts';
import { judgeSecret } from '../../src/access/judge/judge-secret.ts';
import { keyLeg } from '../../src/access/judge/key/key-leg.ts';
import { identityLeg, secretNeeds } from '../../src/access/judge/legs/identity-leg.ts';
import { secretLeg } from '../../src/access/judge/legs/secret-leg.ts';
import { readerOf } from '../../src/access/judge/reader.ts';
import { toldApart } from '../../src/access/judge/told-apart.ts';
import type { PolicyDocument, Statement } from '../../src/policy/document.ts';
import { atOnce, newBudget } from '../../src/policy/evaluate/budget.ts';
import { PROD_SECRET } from './prod-secret.ts';

const GET = 'secretsmanager:GetSecretValue';
const ANN = 'arn:aws:iam::222222222222:user/ann';
const BEN = 'arn:aws:iam::111111111111:user/ben';
const secret = { ...PROD_SECRET, deletedAt: null };
const now = new Date();

const statement = (Effect: Statement['Effect'], Condition: Statement['Condition'], AWS = ANN): Statement => ({
  ...{ Effect, Principal: { AWS }, Action: GET, Resource: '*' },
  ...(Condition && { Condition }),
});
const policyOf = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement });

const byTag = { StringEquals: { 'aws:PrincipalTag/team': 'ops' } };
const byEndpoint = { StringEquals: { 'aws:SourceVpce': 'vpce-1' } };
const TAG = 'the caller’s tag team (aws:PrincipalTag/team) is ops';
const ENDPOINT = 'the VPC endpoint that the call comes through (aws:SourceVpce) is vpce-1';

const gains = (...after: Statement[]) =>
  atOnce(effectOf({ before: null, after: policyOf(...after), secret, now, budget: newBudget() })).gains.map(
    ({ conditions }) => conditions,
  );
const asked = (policy: PolicyDocument, name = ANN, given?: PolicyDocument[]) =>
  atOnce(
    judgeAccess(
      { secret, policy, now },
      { named: readerOf(name, 'aws'), action: GET, context: {}, ...(given && { given }) },
      newBudget(),
    ),
  );

t.test('Allows under conditions are alternatives: of all that must hold one holds', async (t) => {
  t.same(gains(statement('Allow', byTag), statement('Allow', byEndpoint)), [
    [`Allowed only if ${TAG}, or if ${ENDPOINT}.`],
  ]);
  const { evaluation } = asked(policyOf(statement('Allow', byTag), statement('Allow', byEndpoint)));
  t.same(openQuestions(evaluation, false), [
    { key: 'aws:PrincipalTag/team', description: `Allowed only if ${TAG}, or if ${ENDPOINT}.` },
    { key: 'aws:SourceVpce', description: `Allowed only if ${TAG}, or if ${ENDPOINT}.` },
  ]);
});

t.test('all that one statement asks for must be so together', async (t) => {
  const both = { StringEquals: { ...byTag.StringEquals, ...byEndpoint.StringEquals } };
  t.same(gains(statement('Allow', both)), [[`Allowed only if ${TAG}, and ${ENDPOINT}.`]]);
  t.same(gains(statement('Allow', undefined), statement('Deny', both)), [[`Denied if ${TAG}, and ${ENDPOINT}.`]]);
  t.same(
    gains(statement('Allow', undefined), statement('Deny', byTag), statement('Deny', byEndpoint)),
    [[`Denied if ${TAG}.`, `Denied if ${ENDPOINT}.`]],
    'of several denials none may be',
  );
});

t.test('more Allows than anybody reads are counted out', async (t) => {
  const many = Array.from({ length: 7 }, (_, index) =>
    statement('Allow', { StringEquals: { 'aws:PrincipalTag/team': `t${index}` } }),
  );
  const [[told = ''] = []] = gains(...many);
  t.match(told, /is t0, or if .* is t4, or if another statement allows it\.$/);
  t.notMatch(told, /t5/);
});

t.test('it takes an Allow of either side across accounts, and of one in the secret’s own', async (t) => {
  const identity = [policyOf({ Effect: 'Allow', Action: GET, Resource: '*', Condition: byEndpoint })];
  const across = asked(policyOf(statement('Allow', byTag)), ANN, identity).evaluation;
  t.same(
    openQuestions(across, false).map(({ description }) => description),
    [`Allowed only if ${TAG}.`, `Allowed only if ${ENDPOINT}.`],
  );
  const own = asked(policyOf(statement('Allow', byTag, BEN)), BEN, identity).evaluation;
  t.same(
    [...new Set(openQuestions(own, true).map(({ description }) => description))],
    [`Allowed only if ${TAG}, or if ${ENDPOINT}.`],
  );
  const unseen = asked(policyOf(statement('Allow', byTag, BEN)), BEN).evaluation;
  t.match(openQuestions(unseen, true), [
    { description: `Allowed by the secret’s policy only if ${TAG}.` },
    { key: 'identityPolicies' },
  ]);
});

t.test('legs say where it takes more work to judge than a look may take', async (t) => {
  const reader = readerOf(ANN, 'aws');
  const place = { ...secret, kmsKeyId: 'k', replica: null };
  const key = {
    arn: 'arn:aws:kms:us-east-1:111111111111:key/k',
    account: '111111111111',
    manager: 'CUSTOMER' as const,
  };
  const policy = policyOf({ Effect: 'Allow', Principal: { AWS: ANN }, Action: 'kms:*', Resource: '*' });
  const view = {
    ...{ is: 'seen' as const, key: { ...key, enabled: true }, policy, grants: () => [], place, at: now },
    uses: { asked: ['kms:Decrypt' as const], documented: [] },
  };
  t.match(atOnce(keyLeg(view, reader, newBudget(0))).leg, {
    status: 'unknown',
    detail:
      'Whether the key lets the reader decrypt is not known: the policy’s patterns take more work to match than one look may take.',
  });
  const { verdict } = asked(policyOf(statement('Allow', undefined)));
  const situation = {
    secret,
    policy: policyOf(statement('Allow', byTag)),
    apart: toldApart([], 'aws'),
    now,
    given: {},
  };
  const spent = atOnce(judgeSecret({ ...situation, budget: newBudget(0) }, reader, [GET]));
  t.match(secretLeg(secret, [GET], spent), { status: 'unknown', detail: /not known, its patterns take more work/ });
  const given = { own: { is: 'given' as const, policies: [policy] }, secret, budget: newBudget(0) };
  t.match(atOnce(identityLeg([GET], verdict, secretNeeds(verdict, [GET]), given)), {
    status: 'unknown',
    detail: /that were given .* more work/,
  });
});
