import Type from 'typebox';
import { asArray } from '../../document.ts';
import { PrincipalName } from './kinds/parameters.ts';
import { shareTemplate } from './kinds/share.ts';
import { one, readAllow, renderAllow, shareParameters } from './kinds/share-conditions.ts';

export const shareWithPrincipal = shareTemplate({
  name: 'share-with-principal',
  title: 'Share with an account or a principal',
  description:
    'Lets an account, a user, a role or a session use the secret. Across accounts the other account must allow it too, ' +
    'and the secret’s KMS key must let the reader decrypt.',
  parameters: Type.Object({ principal: PrincipalName, ...shareParameters }, { additionalProperties: false }),
  target: 'principal',
  packs: 'principal',
  principals: ['principal'],
  example: { principal: 'arn:aws:iam::123456789999:user/Mary', actions: ['secretsmanager:*'] },
  render: ({ actions, ...conditions }, members) =>
    renderAllow({ actions, principal: { AWS: one(members) }, conditions }),
  read(statements) {
    const principal = statements[0]?.Principal;
    if (principal === undefined || principal === '*') return undefined;
    const { actions, conditions } = readAllow(statements);
    return { group: { actions, ...conditions }, members: asArray(principal.AWS) };
  },
  subject: ({ principal }) => ({ principal }),
});
