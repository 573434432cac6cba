import Type from 'typebox';
import { GET_SECRET_VALUE } from '../../actions.ts';
import { asArray } from '../../document.ts';
import { actionsWithDefault, ConditionPrincipalName } from './parameters.ts';
import { one, texts } from './share-conditions.ts';
import { defineTemplate } from './template.ts';

export const denyPrincipalArn = defineTemplate({
  name: 'deny-principal-arn',
  kind: 'denial',
  title: 'Deny whoever bears an ARN',
  description:
    'An explicit deny by the condition `aws:PrincipalArn`. It goes on when the user or role is deleted and made again, ' +
    'and takes one that does not exist yet. A role’s ARN covers all its sessions.',
  parameters: Type.Object(
    { principal: ConditionPrincipalName, actions: actionsWithDefault([GET_SECRET_VALUE]) },
    { additionalProperties: false },
  ),
  packs: 'principal',
  example: { principal: 'arn:aws:iam::222222222222:role/app', actions: ['secretsmanager:GetSecretValue'] },
  render: ({ actions }, members) => [
    {
      Effect: 'Deny',
      Action: one(actions),
      Principal: '*',
      Resource: '*',
      Condition: { ArnEquals: { 'aws:PrincipalArn': one(members) } },
    },
  ],
  read: ([statement]) => ({
    group: { actions: asArray(statement?.Action) as never },
    members: texts(statement?.Condition?.['ArnEquals']?.['aws:PrincipalArn']),
  }),
});
