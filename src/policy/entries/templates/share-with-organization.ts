import Type from 'typebox';
import { READ_ACTIONS } from '../../actions.ts';
import { actionsWithDefault, OrganizationId } from './parameters.ts';
import { one, readAllow, renderAllow, shareConditions, stagesConflict, texts } from './share-conditions.ts';
import { defineTemplate } from './template.ts';

export const shareWithOrganization = defineTemplate({
  name: 'share-with-organization',
  kind: 'share',
  title: 'Share with an organization',
  description:
    'Lets every principal of an AWS organization’s accounts use the secret, each as far as its own identity policy allows.',
  parameters: Type.Object(
    { organization: OrganizationId, actions: actionsWithDefault(READ_ACTIONS), ...shareConditions },
    { additionalProperties: false },
  ),
  packs: 'organization',
  example: { organization: 'o-local00001', actions: ['secretsmanager:GetSecretValue'] },
  conflict: stagesConflict,
  render: ({ actions, ...conditions }, members) =>
    renderAllow({ actions, principal: '*', conditions, also: { 'aws:PrincipalOrgID': one(members) } }),
  read(statements) {
    const members = texts(statements[0]?.Condition?.['StringEquals']?.['aws:PrincipalOrgID']);
    const { actions, conditions } = readAllow(statements);
    return { group: { actions: actions as never, ...conditions }, members };
  },
});
