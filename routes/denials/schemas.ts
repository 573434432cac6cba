import Type from 'typebox';
import { choicesInWords, requestMembers } from '../../src/policy/entries/request.ts';
import { reason, ticket } from '../parameters.ts';

export const DenialRequest = Type.Object(
  {
    ...requestMembers('denial'),
    reason,
    ticket,
  },
  {
    $id: 'DenialRequest',
    additionalProperties: false,
    description: `Whom to deny (exactly one of ${choicesInWords('denial')}), and what.`,
    examples: [
      { principal: 'arn:aws:iam::123456789999:user/Mary', reason: 'Left the company' },
      {
        principal: 'arn:aws:iam::222222222222:role/app',
        match: 'arn',
        reason: 'This role, and any that is made again under its name',
      },
      { permissionSet: { name: 'Ops', account: '222222222222' }, reason: 'Nobody who signs in there as Ops' },
      { account: '222222222222', match: 'arn', reason: 'Nobody of that account' },
    ],
  },
);
