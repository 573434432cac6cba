import Type from 'typebox';
import { READ_ACTIONS } from '../../actions.ts';
import { asArray } from '../../document.ts';
import { actionsWithDefault, PrincipalName } from './parameters.ts';
import { one, readAllow, renderAllow, shareConditions, stagesConflict } from './share-conditions.ts';
import { defineTemplate } from './template.ts';

export const shareWithPrincipal = defineTemplate({
  name: 'share-with-principal',
  kind: 'share',
  title: 'Share with an account or a principal',
  description:
    'Lets an account, a user, a role or a session use the secret. Across accounts the other account must allow it too, ' +
    'and the secret’s KMS key must let the reader decrypt.',
  parameters: Type.Object(
    { principal: PrincipalName, actions: actionsWithDefault(READ_ACTIONS), ...shareConditions },
    { additionalProperties: false },
  ),
  packs: 'principal',
  example: { principal: 'arn:aws:iam::123456789999:user/Mary', actions: ['secretsmanager:*'] },
  conflict: stagesConflict,
  render: ({ actions, ...conditions }, members) =>
    renderAllow({ actions, principal: { AWS: one(members) }, conditions }),
  read(statements) {
    const principal = statements[0]?.Principal;
    if (principal === undefined || principal === '*') return undefined;
    const { actions, conditions } = readAllow(statements);
    return { group: { actions: actions as never, ...conditions }, members: asArray(principal.AWS) };
  },
});
