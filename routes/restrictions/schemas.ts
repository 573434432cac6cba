import Type from 'typebox';
import { requestMembers } from '../../src/policy/entries/request.ts';
import { reason, ticket } from '../parameters.ts';

const { boundary, ...others } = requestMembers('restriction');

export const RestrictionRequest = Type.Object(
  {
    boundary: Type.Unsafe<Record<string, string | string[]>>({
      type: 'object',
      minProperties: 1,
      maxProperties: 1,
      ...boundary,
      description: 'Whoever is inside is not touched; everyone else is denied.',
    }),
    ...others,
    reason,
    ticket,
  },
  {
    $id: 'RestrictionRequest',
    additionalProperties: false,
    description: 'The boundary, who is excepted, and what is denied outside.',
    examples: [
      { boundary: { organization: 'o-local00001' }, reason: 'Only our own accounts' },
      {
        boundary: { vpcEndpoints: ['vpce-0123456789abcdef0'] },
        exceptPrincipals: ['arn:aws:iam::111111111111:user/owner'],
        reason: 'Only from within our network',
      },
    ],
  },
);
