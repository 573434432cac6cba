import Type from 'typebox';
import { GET_SECRET_VALUE } from '../../actions.ts';
import { asArray } from '../../document.ts';
import { actionsWithDefault, PrincipalName } from './parameters.ts';
import { one } from './share-conditions.ts';
import { defineTemplate } from './template.ts';

export const denyPrincipal = defineTemplate({
  name: 'deny-principal',
  kind: 'denial',
  title: 'Deny an account or a principal',
  description:
    'An explicit deny: it beats every allow, identity policies included. It names the principal itself, so that it ' +
    'lapses when the principal is deleted and made again; `deny-principal-arn` does not.',
  parameters: Type.Object(
    { principal: PrincipalName, actions: actionsWithDefault([GET_SECRET_VALUE]) },
    { additionalProperties: false },
  ),
  packs: 'principal',
  example: { principal: 'arn:aws:iam::123456789999:user/Mary', actions: ['secretsmanager:GetSecretValue'] },
  render: ({ actions }, members) => [
    { Effect: 'Deny', Action: one(actions), Principal: { AWS: one(members) }, Resource: '*' },
  ],
  read([statement]) {
    const principal = statement?.Principal;
    if (principal === undefined || principal === '*') return undefined;
    return { group: { actions: asArray(statement?.Action) as never }, members: asArray(principal.AWS) };
  },
});
