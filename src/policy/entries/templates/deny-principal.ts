import Type from 'typebox';
import { GET_SECRET_VALUE } from '../../actions.ts';
import { asArray } from '../../document.ts';
import { parsePrincipal } from '../../principals/principal.ts';
import { denialTemplate, targetOf } from './kinds/denial.ts';
import { actionsWithDefault, PrincipalName } from './kinds/parameters.ts';
import { one } from './kinds/share-conditions.ts';

export const denyPrincipal = denialTemplate({
  name: 'deny-principal',
  title: 'Deny an account or a principal',
  description:
    'An explicit deny: it beats every allow, identity policies included. It names the principal itself, so that it ' +
    'lapses when the principal is deleted and made again; `deny-principal-arn` does not.',
  parameters: Type.Object(
    { principal: PrincipalName, actions: actionsWithDefault([GET_SECRET_VALUE]) },
    { additionalProperties: false },
  ),
  packs: 'principal',
  principals: ['principal'],
  match: 'principal',
  example: { principal: 'arn:aws:iam::123456789999:user/Mary', actions: ['secretsmanager:GetSecretValue'] },
  accepts: (request) =>
    request['match'] === 'arn' ? undefined : { principal: targetOf(request), actions: request['actions'] },
  render: ({ actions }, members) => [
    { Effect: 'Deny', Action: one(actions), Principal: { AWS: one(members) }, Resource: '*' },
  ],
  read([statement]) {
    const principal = statement?.Principal;
    if (principal === undefined || principal === '*') return undefined;
    return { group: { actions: asArray(statement?.Action) }, members: asArray(principal.AWS) };
  },
  warnings({ principal }) {
    const type = parsePrincipal(principal)?.type;
    if (type !== 'user' && type !== 'role') return [];
    const message = 'If the principal is deleted and made again, this denial no longer meets it. match: "arn" does.';
    return [{ code: 'denial-lapses-on-recreation', message }];
  },
});
