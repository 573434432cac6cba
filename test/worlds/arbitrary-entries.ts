import fc from 'fast-check';
import { named } from './arbitrary-statements.ts';
import { ACCOUNTS, ELSEWHERE, HOME, OWNER } from './cast.ts';
import { weighted } from './weighted.ts';
import type { Entry } from './world.ts';

const Get = 'secretsmanager:GetSecretValue';

type Body = Record<string, unknown>;

const oneOrAnOrganization = (focus: readonly string[]): fc.Arbitrary<Body> =>
  fc.oneof(
    { weight: 6, arbitrary: named(focus).map((principal) => ({ principal })) },
    { weight: 1, arbitrary: fc.constantFrom(HOME, ELSEWHERE).map((organization) => ({ organization })) },
  );

const shareBody = (who: fc.Arbitrary<Body>): fc.Arbitrary<Body> =>
  fc
    .record({
      who,
      actions: weighted<string[] | undefined>(
        [6, undefined],
        [3, [Get]],
        [2, [Get, 'secretsmanager:PutSecretValue']],
        [1, ['secretsmanager:PutSecretValue']],
        [1, ['secretsmanager:DescribeSecret']],
        [1, ['secretsmanager:*']],
      ),
      when: weighted<Record<string, unknown>>(
        [12, {}],
        [1, { expiresAt: '2099-01-01T00:00:00Z' }],
        [1, { versionStages: ['AWSCURRENT'], actions: [Get] }],
        [1, { sourceVpcEndpoints: ['vpce-0a0a0a0a'] }],
        [1, { principalTags: { team: 'payments' } }],
      ),
      grantKey: weighted([12, {}], [1, { grantKey: true }]),
    })
    .map(({ who, actions, when, grantKey }) => ({
      ...who,
      ...(actions && { actions }),
      ...when,
      ...('principal' in who ? grantKey : {}),
      acknowledgeUnreadable: true,
      ...(actions?.includes('secretsmanager:*') && { acknowledgeEscalation: true }),
    }));

const denialBody = (focus: readonly string[]): fc.Arbitrary<Body> =>
  fc.oneof(
    { weight: 3, arbitrary: named(focus).map((principal) => ({ principal })) },
    { weight: 2, arbitrary: fc.constantFrom(...focus).map((principal) => ({ principal, match: 'arn' })) },
    { weight: 1, arbitrary: fc.constantFrom(...ACCOUNTS.slice(1)).map((account) => ({ account })) },
  );

const restrictionBody = (focus: readonly string[]): fc.Arbitrary<Body> =>
  fc
    .record({
      boundary: fc.oneof(
        fc.constantFrom<object>(
          { organization: HOME },
          { vpcEndpoints: ['vpce-0a0a0a0a'] },
          { sourceIps: ['203.0.113.0/24'] },
          { sourceIps: ['127.0.0.1'] },
          { vpcs: ['vpc-0b0b0b0b'] },
        ),
        fc.array(named(focus), { minLength: 1, maxLength: 2 }).map((principals): object => ({ principals })),
      ),
      exceptPrincipals: fc.oneof(fc.constant([]), fc.array(named(focus), { minLength: 1, maxLength: 2 })),
    })
    .map(({ boundary, exceptPrincipals }) => ({ boundary, ...(exceptPrincipals.length > 0 && { exceptPrincipals }) }));

export const entry = (focus: readonly string[]): fc.Arbitrary<Entry> =>
  fc.oneof(
    { weight: 6, arbitrary: shareBody(oneOrAnOrganization(focus)).map((body): Entry => ({ list: 'shares', body })) },
    { weight: 2, arbitrary: denialBody(focus).map((body): Entry => ({ list: 'denials', body })) },
    { weight: 1, arbitrary: restrictionBody(focus).map((body): Entry => ({ list: 'restrictions', body })) },
  );

/** Sets and units that have somebody in them, and such that have not. */
const permissionSet: fc.Arbitrary<Body> = fc
  .record(
    {
      name: weighted([6, 'Ops'], [1, 'Ops_Admin'], [1, 'Op']),
      account: fc.constantFrom(OWNER, ...ACCOUNTS.slice(1, 3)),
    },
    { noNullPrototype: true },
  )
  .map((set) => ({ permissionSet: set }));

const organizationalUnit: fc.Arbitrary<Body> = weighted(
  [5, `${HOME}/r-home/ou-home-00000001`],
  [1, `${HOME}/r-home/ou-home-00000002`],
  [1, `${HOME}/r-home/ou-home-00000001/ou-home-00000002`],
  [1, `${ELSEWHERE}/r-else/ou-else-00000001`],
).map((path) => ({ organizationalUnit: path }));

/** Nobody of the cast calls as one. */
const service: fc.Arbitrary<Body> = fc
  .record(
    { name: fc.constant('appflow.amazonaws.com'), sourceAccount: fc.constantFrom(OWNER, ...ACCOUNTS.slice(1, 3)) },
    { noNullPrototype: true },
  )
  .map((one) => ({ service: one }));

/** One that the secret has, and one that it has not. */
const tag = weighted([4, 'team'], [1, 'nope']);

const byMatchingTag: fc.Arbitrary<Body> = fc
  .record({ principal: fc.constantFrom(OWNER, ...ACCOUNTS.slice(1, 3)), tag }, { noNullPrototype: true })
  .map(({ principal, tag }) => ({ principal, matchTags: [tag] }));

const sparing: fc.Arbitrary<Body> = fc
  .record(
    {
      boundary: fc.oneof(
        tag.map((matchTag): object => ({ matchTag })),
        fc.constant<object>({ organization: HOME }),
      ),
      set: fc.option(permissionSet, { nil: undefined }),
      account: fc.option(fc.constantFrom(OWNER, ...ACCOUNTS.slice(1, 3)), { nil: undefined }),
      service: fc.option(fc.constant('appflow.amazonaws.com'), { nil: undefined }),
    },
    { noNullPrototype: true },
  )
  .map(({ boundary, set, account, service }) => ({
    boundary,
    ...(set && { exceptPermissionSets: [set['permissionSet']] }),
    ...(account !== undefined && { exceptPrincipals: [account] }),
    ...(service !== undefined && { exceptServices: [service] }),
  }));

/** Entries about whom only conditions can name. */
export const entryByCondition: fc.Arbitrary<Entry> = fc.oneof(
  { weight: 3, arbitrary: shareBody(byMatchingTag).map((body): Entry => ({ list: 'shares', body })) },
  { weight: 2, arbitrary: sparing.map((body): Entry => ({ list: 'restrictions', body })) },
  { weight: 5, arbitrary: shareBody(permissionSet).map((body): Entry => ({ list: 'shares', body })) },
  { weight: 1, arbitrary: shareBody(service).map((body): Entry => ({ list: 'shares', body })) },
  { weight: 4, arbitrary: shareBody(organizationalUnit).map((body): Entry => ({ list: 'shares', body })) },
  { weight: 3, arbitrary: permissionSet.map((body): Entry => ({ list: 'denials', body })) },
);
