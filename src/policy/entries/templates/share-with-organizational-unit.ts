import Type from 'typebox';
import { OrganizationalUnitPath } from './kinds/parameters.ts';
import { shareTemplate } from './kinds/share.ts';
import { one, readAllow, renderAllow, shareParameters, texts } from './kinds/share-conditions.ts';

const PLACES = 'ForAnyValue:StringLike';
const organizationOf = (path: string): string => path.split('/')[0] ?? '';

/** The organization's id besides: a fixed value, by which AWS sees that the statement is not public. */
export const shareWithOrganizationalUnit = shareTemplate({
  name: 'share-with-organizational-unit',
  title: 'Share with an organizational unit',
  description:
    'Lets every principal of the accounts in a unit of an AWS organization, and in the units below it, use the secret, each as ' +
    'far as its own identity policy allows.',
  parameters: Type.Object(
    { organizationalUnit: OrganizationalUnitPath, ...shareParameters },
    { additionalProperties: false },
  ),
  target: 'organizationalUnit',
  packs: 'organizationalUnit',
  example: {
    organizationalUnit: 'o-local00001/r-root/ou-root-workload',
    actions: ['secretsmanager:GetSecretValue'],
  },
  render: ({ actions, ...conditions }, members) =>
    renderAllow({
      actions,
      principal: '*',
      conditions,
      also: { 'aws:PrincipalOrgID': one([...new Set(members.map(organizationOf))]) },
      further: { [PLACES]: { 'aws:PrincipalOrgPaths': one(members.map((path) => `${path}/*`)) } },
    }),
  read(statements) {
    const paths = texts(statements[0]?.Condition?.[PLACES]?.['aws:PrincipalOrgPaths']);
    const { actions, conditions } = readAllow(statements);
    return { group: { actions, ...conditions }, members: paths.map((path) => path.replace(/\/\*$/, '')) };
  },
  subject: ({ organizationalUnit }) => ({ organization: organizationOf(organizationalUnit) }),
  reader: ({ organizationalUnit }) => organizationalUnit,
  who: ({ organizationalUnit }) => `everybody of the organizational unit ${organizationalUnit}`,
});
