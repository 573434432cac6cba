import Type from 'typebox';
import { exposures } from '../../src/estate/exposure.ts';
import { findingKinds } from '../../src/estate/findings/finding.ts';
import { ways } from '../../src/estate/lists/list-readable.ts';
import { secretActions } from '../../src/policy/actions.ts';
import { PrincipalName } from '../../src/policy/entries/templates/kinds/parameters.ts';
import { Decision, Dependency, exceptionsOf } from '../access-checks/schemas.ts';
import { count, moment, momentOrNull, NamedSecret, nullable, ToldProblem, textOrNull } from '../fields.ts';
import { duration, Paging, SecretId } from '../parameters.ts';
import { StatementPlace } from '../readers/schemas.ts';
import { Leg, page, ref } from '../schemas.ts';

export const Account = Type.String({
  pattern: '^\\d{12}$',
  description: 'An account’s number.',
  examples: ['111111111111'],
});
const Region = Type.String({
  pattern: '^[a-z]{2}(?:-[a-z]+)+-\\d$',
  maxLength: 32,
  description: 'A Region.',
  examples: ['us-east-1'],
});

export const Coverage = Type.Object(
  {
    accounts: Type.Array(Type.String(), { description: 'Whose secrets are surveyed.' }),
    regions: Type.Array(Type.String(), { description: 'In which Regions.' }),
    secrets: count('What the last whole survey of each account and Region found.'),
    oldestLookAt: momentOrNull('Of all secrets that were seen, when the one was that was looked at longest ago.'),
    places: Type.Object(
      {
        total: count('All pairs of an account and a Region.'),
        surveyed: count('Seen whole, at least once.'),
        surveying: count('Being surveyed now.'),
        waiting: count('Never surveyed yet.'),
        failed: count('The last survey failed: `failures` says why.'),
      },
      { description: 'How far the surveys are.' },
    ),
    failures: Type.Array(
      Type.Object({
        account: Type.String({ description: 'Where it is.' }),
        region: Type.String({ description: 'Where it is.' }),
        secret: nullable(NamedSecret, 'The secret; null for all of the account and Region.'),
        lastLookAt: momentOrNull('When it could last be looked at; null for never.'),
        ...ToldProblem.properties,
      }),
      { description: 'What could not be looked at, and why: the first 100.' },
    ),
    organization: nullable(
      Type.Object({
        asOf: momentOrNull('When the organization last said which accounts it has; null for never since the start.'),
        problem: nullable(ToldProblem, 'Why it does not say so now: those of then stay. Null where it does.'),
      }),
      'Whether AWS Organizations says which accounts these are (ESTATE_ACCOUNTS=organization); null where the configuration does.',
    ),
    enabledRegions: nullable(
      Type.Object({
        asOf: momentOrNull(
          'When the account that last said so longest ago did; null where one never did since the start.',
        ),
        failures: Type.Array(
          Type.Object({
            account: Type.String({ description: 'Whose Regions AWS does not tell now.' }),
            ...ToldProblem.properties,
          }),
          { description: 'Where AWS does not say so now: the Regions of before stay. The first 100.' },
        ),
      }),
      'Whether AWS says which Regions the accounts have enabled (ESTATE_REGIONS=enabled); null where the configuration says ' +
        'which are surveyed.',
    ),
    changeEvents: nullable(
      Type.Object({
        receiving: Type.Boolean({ description: 'Whether the queue answers.' }),
        lastReceivedAt: momentOrNull('When the last event came in; null for none since the start.'),
        problem: textOrNull('Why none can be received; null where they can.'),
      }),
      'Whether changes that others make are told by events (ESTATE_EVENTS_QUEUE_URL), at the replica that answers; null ' +
        'without a queue of them.',
    ),
  },
  { $id: 'EstateCoverage', description: 'How much of the estate has been seen, and when.' },
);

export const SurveyRequest = Type.Object(
  {
    account: Type.Optional(Account),
    region: Type.Optional(Region),
    secretId: Type.Optional(
      Type.Unsafe<string>({ ...SecretId, description: 'One secret: its name, or its full ARN.' }),
    ),
  },
  {
    $id: 'SurveyRequest',
    additionalProperties: false,
    description: 'What to look at again: all of an account, of a Region, one secret, or everything.',
    examples: [{}, { account: '111111111111', region: 'us-east-1' }],
  },
);

const exposureWords =
  'To whom its policy opens it, at the widest: to everybody, to accounts that are not surveyed here or an organization ' +
  '(perhaps under conditions), to accounts that are, or to nobody whom it names.';

export const where = {
  account: Type.String({ description: 'Whose it is.' }),
  region: Type.String({ description: 'Where it is.' }),
};

const EstateSecret = Type.Object(
  {
    arn: Type.String({ description: 'Its full ARN.' }),
    name: Type.String({ description: 'Its name.' }),
    description: textOrNull('As its owner wrote it.'),
    ...where,
    tags: Type.Record(Type.String(), Type.String(), { description: 'Its tags, by key.' }),
    deletedAt: momentOrNull('As AWS dates a deletion that is scheduled; null where none is.'),
    exposure: nullable(Type.Enum([...exposures]), `${exposureWords} Null where the policy was never seen.`),
    readers: count('How many its policy names and lets read, or may let.'),
    denials: count('How many a Deny of its policy names.'),
    findings: Type.Array(Type.Enum(findingKinds), {
      description: 'What is wrong with it: GET /v1/findings says more.',
    }),
    nextEnd: momentOrNull('When the next share of this service ends; null where none will.'),
    problem: nullable(ToldProblem, 'Why it could not be looked at since; null where it could.'),
    asOf: moment('As of when this is: it may have changed since.'),
  },
  { $id: 'EstateSecret', description: 'A secret of the estate as it was last seen.' },
);
export const EstateSecretPage = page(ref(EstateSecret), 'EstateSecretPage');

export const OfSecret = {
  secret: Type.Optional(
    Type.Unsafe<string>({ ...SecretId, description: 'Of this secret: its name, or its full ARN.' }),
  ),
  fresh: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'Ask AWS about that secret first: only with `secret`, whose name is then one of the service’s own account and Region.',
    }),
  ),
};

export const EstateSecretsQuery = Type.Object(
  {
    ...OfSecret,
    text: Type.Optional(
      Type.String({ minLength: 1, maxLength: 512, description: 'Stands somewhere in the name or description.' }),
    ),
    account: Type.Optional(Account),
    region: Type.Optional(Region),
    tagKey: Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: 'It has this tag.' })),
    tagValue: Type.Optional(Type.String({ maxLength: 256, description: 'That tag, or some tag, has this value.' })),
    exposure: Type.Optional(Type.Enum([...exposures], { description: exposureWords })),
    finding: Type.Optional(Type.Enum(findingKinds, { description: 'This is wrong with it.' })),
    endsWithin: Type.Optional(
      duration('A share of this service ends within this time: m(inutes), h(ours), d(ays) or w(eeks).', '14d'),
    ),
    principal: Type.Optional(
      Type.Unsafe<string>({ ...PrincipalName, description: 'Whom its policy lets read, or may let: as in a share.' }),
    ),
    ...Paging,
  },
  { additionalProperties: false },
);

export const PrincipalParams = Type.Object({
  principal: Type.Unsafe<string>({
    ...PrincipalName,
    examples: ['222222222222'],
    description:
      'Who: an account (its 12-digit id or root ARN) for whoever of it may call, or the ARN of a user, a role, an ' +
      'assumed-role session or a federated user, percent-encoded.',
  }),
});

export const ReadableQuery = Type.Object(
  {
    ...OfSecret,
    action: Type.Optional(
      Type.Enum(
        secretActions.filter((action) => action !== 'secretsmanager:*'),
        { default: 'secretsmanager:GetSecretValue', description: 'What it wants to do, as IAM names it.' },
      ),
    ),
    ...Paging,
  },
  { additionalProperties: false },
);

const ReadableSecret = Type.Object(
  {
    secret: NamedSecret,
    ...where,
    decision: Decision,
    via: Type.Array(Type.Enum([...ways]), {
      description:
        'Through what statements let it in. None where it is of the secret’s own account, and its identity policies alone ' +
        'may let it.',
    }),
    because: Type.Array(ref(StatementPlace), { description: 'The Allow statements that let it in, or could.' }),
    deniedBy: Type.Array(ref(StatementPlace), { description: 'The Deny statements that apply to it.' }),
    exceptions: exceptionsOf(ref(StatementPlace)),
    dependsOn: Type.Array(ref(Dependency), { description: 'What it hangs on, in plain words.' }),
    legs: Type.Array(ref(Leg), { description: 'What reading takes: `missing` is what is still to be done.' }),
    asOf: moment('As of when this is, policy and key: they may have changed since.'),
  },
  { $id: 'ReadableSecret', description: 'A secret that somebody may read, may perhaps, or is denied.' },
);
export const ReadableSecretPage = page(ref(ReadableSecret), 'ReadableSecretPage');

export const estateComponents = [
  ...[Coverage, SurveyRequest, EstateSecret, EstateSecretPage, ReadableSecret, ReadableSecretPage],
];
