import Type from 'typebox';
import { PrincipalName } from './kinds/parameters.ts';
import { restrictionTemplate } from './kinds/restriction.ts';

export const restrictToPrincipals = restrictionTemplate({
  parameter: 'principals',
  schema: Type.Array(PrincipalName, {
    minItems: 1,
    maxItems: 200,
    description: 'The only accounts, users and roles that are not denied. A role’s ARN covers its sessions.',
    examples: [['arn:aws:iam::222222222222:role/app']],
  }),
  title: 'Restrict to principals',
  description:
    'Denies everyone but these principals. It allows nobody: each still needs a share or an identity policy.',
  inside: 'the principals',
  example: ['arn:aws:iam::111111111111:user/owner', 'arn:aws:iam::123456789999:user/Mary'],
  outside: null,
  network: false,
});
