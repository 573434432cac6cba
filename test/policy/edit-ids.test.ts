import t from 'tap';
import { EMPTY_POLICY } from '../../src/policy/entries/compile.ts';
import { addEntry } from '../../src/policy/entries/edit.ts';
import { denyPrincipal } from '../../src/policy/entries/templates/deny-principal.ts';
import { restrictToOrganization } from '../../src/policy/entries/templates/restrict-to-organization.ts';
import { APP, MARY, READ, share } from './views.ts';

const idOfShare = (parameters: Record<string, unknown>) => share(EMPTY_POLICY, parameters).entry.id;
const spellings: [what: string, one: Record<string, unknown>, other: Record<string, unknown>][] = [
  ['an account’s id and its root ARN', { principal: '222222222222' }, { principal: 'arn:aws:iam::222222222222:root' }],
  ['the order of actions', { principal: MARY }, { principal: MARY, actions: [...READ].reverse() }],
  ['an action said twice', { principal: MARY }, { principal: MARY, actions: [...READ, ...READ] }],
  [
    'the order of stages',
    { principal: MARY, versionStages: ['A', 'B'] },
    { principal: MARY, versionStages: ['B', 'A', 'B'] },
  ],
  [
    'the order of tags',
    { principal: MARY, principalTags: { a: '1', b: '2' } },
    { principal: MARY, principalTags: { b: '2', a: '1' } },
  ],
  ...['2030-01-01T00:00:00.000Z', '2030-01-01T00:00:00.999Z', '2030-01-01T05:30:00+05:30', '2030-01-01t00:00:00z'].map(
    (expiresAt): [string, Record<string, unknown>, Record<string, unknown>] => [
      `an instant as ${expiresAt}`,
      { principal: MARY, expiresAt: '2030-01-01T00:00:00Z' },
      { principal: MARY, expiresAt },
    ],
  ),
];
for (const [what, one, other] of spellings) {
  t.test(`the id is the same however the request is spelt: ${what}`, async (t) => {
    t.equal(idOfShare(other), idOfShare(one));
  });
}

t.test('the id is the same however the exceptions are spelt', async (t) => {
  const idWith = (exceptPrincipals: string[]) =>
    addEntry(
      EMPTY_POLICY,
      restrictToOrganization,
      { organization: 'o-local00001', exceptPrincipals, actions: READ },
      'aws',
    ).entry.id;
  t.equal(idWith(['arn:aws:iam::222222222222:root', APP, '222222222222']), idWith([APP, '222222222222']));
});

t.test('no two different requests have one id', async (t) => {
  const ids = [
    { principal: MARY },
    { principal: APP },
    { principal: 'arn:aws:iam::123456789999:user/mary' },
    { principal: MARY, actions: ['secretsmanager:GetSecretValue'] },
    { principal: MARY, versionStages: ['AWSCURRENT'] },
    { principal: MARY, sourceVpcEndpoints: ['vpce-11111111'] },
    { principal: MARY, principalTags: { team: 'a' } },
    { principal: MARY, principalTags: { team: 'b' } },
    { principal: MARY, expiresAt: '2030-01-01T00:00:00Z' },
    { principal: MARY, expiresAt: '2030-01-01T00:00:01Z' },
  ].map(idOfShare);
  const denial = addEntry(EMPTY_POLICY, denyPrincipal, { principal: MARY, actions: READ }, 'aws').entry.id;
  t.equal(new Set([...ids, denial]).size, ids.length + 1);
  for (const id of ids) t.match(id, /^[0-9a-f]{24}$/);
});
