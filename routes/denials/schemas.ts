import Type from 'typebox';
import { GET_SECRET_VALUE } from '../../src/policy/actions.ts';
import { AccountId, actionsWithDefault, PrincipalName } from '../../src/policy/entries/templates/parameters.ts';
import { reason, ticket } from '../schemas.ts';

export const DenialRequest = Type.Object(
  {
    principal: Type.Optional(PrincipalName),
    account: Type.Optional(AccountId),
    actions: Type.Optional(actionsWithDefault([GET_SECRET_VALUE])),
    match: Type.Optional(
      Type.Enum(['principal', 'arn'], {
        default: 'principal',
        description:
          '`principal`: the form of the AWS guide; lapses when the principal is deleted and made again. `arn`: by condition; does not.',
      }),
    ),
    reason,
    ticket,
  },
  {
    $id: 'DenialRequest',
    additionalProperties: false,
    description: 'Whom to deny (exactly one of `principal` and `account`), and what.',
    examples: [
      { principal: 'arn:aws:iam::123456789999:user/Mary', reason: 'Left the company' },
      {
        principal: 'arn:aws:iam::222222222222:role/app',
        match: 'arn',
        reason: 'This role, and any that is made again under its name',
      },
      { account: '222222222222', match: 'arn', reason: 'Nobody of that account' },
    ],
  },
);
