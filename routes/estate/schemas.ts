import Type from 'typebox';
import { momentOrNull, NamedSecret, nullable, ToldProblem } from '../fields.ts';
import { SecretId } from '../parameters.ts';

export const Account = Type.String({
  pattern: '^\\d{12}$',
  description: 'An account’s number.',
  examples: ['111111111111'],
});
export const Region = Type.String({
  pattern: '^[a-z]{2}(?:-[a-z]+)+-\\d$',
  maxLength: 32,
  description: 'A Region.',
  examples: ['us-east-1'],
});

const count = (description: string) => Type.Integer({ description });

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
