import fc from 'fast-check';
import { entry, entryByCondition } from './arbitrary-entries.ts';
import { boundary, identityPolicy } from './arbitrary-identities.ts';
import { keyOf, someOfTheCast } from './arbitrary-keys.ts';
import { arbitraryLimits } from './arbitrary-limits.ts';
import { foreignStatement, named } from './arbitrary-statements.ts';
import { ELSEWHERE, HOME, OWNER, PRINCIPALS } from './cast.ts';
import { weighted } from './weighted.ts';
import { type Action, type Change, type Entry, type Question, type World, worldOf } from './world.ts';

const question = (focus: readonly string[]): fc.Arbitrary<Question> =>
  fc.record({
    principal: named(focus),
    action: weighted<Action>(
      [8, 'secretsmanager:GetSecretValue'],
      [1, 'secretsmanager:DescribeSecret'],
      [1, 'secretsmanager:PutSecretValue'],
    ),
    identitySeen: fc.boolean(),
    contextSeen: fc.oneof(
      fc.constant<string[]>([]),
      fc.subarray([
        'secretsmanager:VersionStage',
        'aws:PrincipalOrgID',
        'aws:PrincipalTag/team',
        'aws:SourceIp',
        'aws:userid',
      ]),
    ),
  });

const organization = weighted<typeof HOME | typeof ELSEWHERE | null>([3, HOME], [1, ELSEWHERE], [2, null]);

const organizations: fc.Arbitrary<World['organizations']> = fc
  .tuple(weighted<typeof HOME | null>([4, HOME], [1, null]), organization, organization)
  .map(([owner, near, far]) => ({
    [OWNER]: owner,
    '222222222222': near,
    '333333333333': far,
    '444444444444': null,
  }));

/** Last in each world, so that what is drawn before it stays as it was. */
const boundaries: fc.Arbitrary<World['boundaries']> = fc
  .tuple(...PRINCIPALS.map(({ arn }) => boundary.map((statements) => [arn, statements] as const)))
  .map((all) =>
    Object.fromEntries(all.flatMap(([arn, statements]) => (statements === null ? [] : [[arn, statements]]))),
  );

/** Worlds of few principals: they meet in the policies, the grants and the questions. */
const worldWith = (
  change: (focus: readonly string[]) => fc.Arbitrary<Change | null>,
  entryOf = entry,
  formerOf: (focus: readonly string[]) => fc.Arbitrary<World['former']> = () => fc.constant(null),
  limits: fc.Arbitrary<World['limits']> = fc.constant(null),
): fc.Arbitrary<World> =>
  someOfTheCast.chain((focus) =>
    fc.record(
      {
        organizations,
        key: keyOf(focus, 'us-east-1', '<secret>'),
        replica: fc.oneof(fc.constant(null), fc.constant(null), keyOf(focus, 'eu-west-1', '<replica>')),
        foreign: fc.array(foreignStatement(focus), { maxLength: 3 }),
        entries: fc.oneof(
          { weight: 2, arbitrary: fc.constant<Entry[]>([]) },
          { weight: 1, arbitrary: fc.array(entryOf(focus), { minLength: 1, maxLength: 2 }) },
        ),
        change: change(focus),
        identities: fc
          .tuple(...PRINCIPALS.map(({ arn }) => identityPolicy.map((statements) => [arn, statements] as const)))
          .map((all) => Object.fromEntries(all.filter(([, statements]) => statements.length > 0))),
        questions: fc.array(question(focus), { minLength: 1, maxLength: 2 }),
        boundaries,
        former: formerOf(focus),
        limits,
      },
      { noNullPrototype: true },
    ),
  );

/** Worlds that are looked at. */
export const stillWorld = worldWith(() => fc.constant(null));

/** Worlds that our API changes. */
export const changedWorld = worldWith((focus) =>
  fc.oneof(
    { weight: 8, arbitrary: entry(focus) },
    {
      weight: 2,
      arbitrary: fc
        .array(foreignStatement(focus), { minLength: 1, maxLength: 3 })
        .map((statements): Change => ({ list: 'policy', statements })),
    },
    { weight: 1, arbitrary: fc.constant<Change>({ list: 'revocation' }) },
  ),
);

/** Worlds whose secret had another key before. */
export const rekeyedWorld = worldWith(
  (focus) => fc.oneof(fc.constant(null), entry(focus)),
  entry,
  (focus) =>
    fc.record({
      key: keyOf(focus, 'us-east-1', '<secret>'),
      reencrypted: fc.boolean(),
      written: fc.boolean(),
    }),
);

/** Worlds of sessions with policies, and organizations with control policies. */
export const limitedWorld = worldWith(
  (focus) => fc.oneof(fc.constant(null), entry(focus)),
  entry,
  undefined,
  arbitraryLimits,
);

/** Worlds with entries about permission sets and organizational units. */
export const worldByCondition = worldWith(
  () =>
    fc.oneof(
      { weight: 8, arbitrary: entryByCondition },
      { weight: 1, arbitrary: fc.constant<Change>({ list: 'revocation' }) },
    ),
  (focus) => fc.oneof(entryByCondition, entry(focus)),
);

/** A document, and another that has some of its statements: what the change from one to the other does. */
export const pairOfDocuments: fc.Arbitrary<World> = someOfTheCast.chain((focus) =>
  fc
    .record({
      organizations,
      foreign: fc.array(foreignStatement(focus), { maxLength: 3 }),
      kept: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      more: fc.array(foreignStatement(focus), { maxLength: 2 }),
      boundaries,
    })
    .filter(({ foreign, kept, more }) => more.length > 0 || foreign.some((_, index) => kept[index]))
    .map(({ organizations, foreign, kept, more, boundaries }) =>
      worldOf({
        organizations,
        foreign,
        boundaries,
        replica: { type: 'default' },
        change: { list: 'policy', statements: [...foreign.filter((_, index) => kept[index]), ...more] },
      }),
    ),
);
