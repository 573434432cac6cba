import Type from 'typebox';
import { OrganizationId } from './kinds/parameters.ts';
import { shareTemplate } from './kinds/share.ts';
import { one, readAllow, renderAllow, shareParameters, texts } from './kinds/share-conditions.ts';

export const shareWithOrganization = shareTemplate({
  name: 'share-with-organization',
  title: 'Share with an organization',
  description:
    'Lets every principal of an AWS organization’s accounts use the secret, each as far as its own identity policy allows.',
  parameters: Type.Object({ organization: OrganizationId, ...shareParameters }, { additionalProperties: false }),
  target: 'organization',
  packs: 'organization',
  example: { organization: 'o-local00001', actions: ['secretsmanager:GetSecretValue'] },
  render: ({ actions, ...conditions }, members) =>
    renderAllow({ actions, principal: '*', conditions, also: { 'aws:PrincipalOrgID': one(members) } }),
  read(statements) {
    const members = texts(statements[0]?.Condition?.['StringEquals']?.['aws:PrincipalOrgID']);
    const { actions, conditions } = readAllow(statements);
    return { group: { actions, ...conditions }, members };
  },
  subject: ({ organization }) => ({ organization }),
  who: ({ organization }) => `everybody of the organization ${organization}`,
});
