import Type from 'typebox';
import { GET_SECRET_VALUE } from '../../actions.ts';
import { asArray } from '../../document.ts';
import { AccountId, actionsWithDefault } from './parameters.ts';
import { one, texts } from './share-conditions.ts';
import { defineTemplate } from './template.ts';

export const denyAccount = defineTemplate({
  name: 'deny-account',
  kind: 'denial',
  title: 'Deny everyone of an account',
  description:
    'An explicit deny by the condition `aws:PrincipalAccount`: every principal of the account, now and later. ' +
    '(`aws:PrincipalArn` with the root ARN would match the root user only.)',
  parameters: Type.Object(
    { account: AccountId, actions: actionsWithDefault([GET_SECRET_VALUE]) },
    { additionalProperties: false },
  ),
  packs: 'account',
  example: { account: '222222222222', actions: ['secretsmanager:GetSecretValue'] },
  render: ({ actions }, members) => [
    {
      Effect: 'Deny',
      Action: one(actions),
      Principal: '*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalAccount': one(members) } },
    },
  ],
  read: ([statement]) => ({
    group: { actions: asArray(statement?.Action) as never },
    members: texts(statement?.Condition?.['StringEquals']?.['aws:PrincipalAccount']),
  }),
});
