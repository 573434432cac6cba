import Type from 'typebox';
import { GET_SECRET_VALUE } from '../../actions.ts';
import { asArray } from '../../document.ts';
import { parsePrincipal } from '../../principals/principal.ts';
import { denialTemplate, targetOf } from './kinds/denial.ts';
import { AccountId, actionsWithDefault } from './kinds/parameters.ts';
import { one, texts } from './kinds/share-conditions.ts';

export const denyAccount = denialTemplate({
  name: 'deny-account',
  title: 'Deny everyone of an account',
  description:
    'An explicit deny by the condition `aws:PrincipalAccount`: every principal of the account, now and later. ' +
    '(`aws:PrincipalArn` with the root ARN would match the root user only.)',
  parameters: Type.Object(
    { account: AccountId, actions: actionsWithDefault([GET_SECRET_VALUE]) },
    { additionalProperties: false },
  ),
  packs: 'account',
  match: 'arn',
  example: { account: '222222222222', actions: ['secretsmanager:GetSecretValue'] },
  accepts(request) {
    const principal = parsePrincipal(targetOf(request) ?? '');
    if (request['match'] !== 'arn' || principal?.type !== 'account') return undefined;
    return { account: principal.account, actions: request['actions'] };
  },
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
    group: { actions: asArray(statement?.Action) },
    members: texts(statement?.Condition?.['StringEquals']?.['aws:PrincipalAccount']),
  }),
  words: ({ account }) => ({ who: `everybody of the account ${account}`, conditions: [] }),
});
