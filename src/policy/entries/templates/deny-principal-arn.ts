import Type from 'typebox';
import { DomainError } from '../../../problems/problem.ts';
import { GET_SECRET_VALUE } from '../../actions.ts';
import { asArray } from '../../document.ts';
import { parsePrincipal } from '../../principals/principal.ts';
import { denialTemplate, targetOf } from './kinds/denial.ts';
import { actionsWithDefault, ConditionPrincipalName } from './kinds/parameters.ts';
import { one, texts } from './kinds/share-conditions.ts';

export const denyPrincipalArn = denialTemplate({
  name: 'deny-principal-arn',
  title: 'Deny whoever bears an ARN',
  description:
    'An explicit deny by the condition `aws:PrincipalArn`. It goes on when the user or role is deleted and made again, ' +
    'and takes one that does not exist yet. A role’s ARN covers all its sessions.',
  parameters: Type.Object(
    { principal: ConditionPrincipalName, actions: actionsWithDefault([GET_SECRET_VALUE]) },
    { additionalProperties: false },
  ),
  packs: 'principal',
  principals: ['principal'],
  match: 'arn',
  example: { principal: 'arn:aws:iam::222222222222:role/app', actions: ['secretsmanager:GetSecretValue'] },
  /** aws:PrincipalArn holds a role's ARN, never its sessions', and never an account: accounts have a key of their own. */
  accepts(request) {
    const target = targetOf(request);
    if (request['match'] !== 'arn' || target === undefined) return undefined;
    const type = parsePrincipal(target)?.type;
    if (type === 'account') return undefined;
    if (type !== 'assumedRole') return { principal: target, actions: request['actions'] };
    const message = 'must be the role’s ARN (arn:aws:iam::ACCOUNT:role/NAME), or match must be "principal"';
    throw new DomainError('validation-failed', {
      why: 'A session can’t be matched by ARN: AWS compares the role’s ARN.',
      errors: [{ path: '/principal', message }],
    });
  },
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
    group: { actions: asArray(statement?.Action) },
    members: texts(statement?.Condition?.['ArnEquals']?.['aws:PrincipalArn']),
  }),
});
