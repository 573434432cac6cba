import { OrganizationId } from './parameters.ts';
import { restrictionTemplate } from './restriction.ts';
import { otherThan } from './restriction-statement.ts';

export const restrictToOrganization = restrictionTemplate({
  parameter: 'organization',
  schema: OrganizationId,
  title: 'Restrict to an organization',
  description: 'Denies everyone whose account is not of this AWS organization.',
  inside: 'the organization',
  example: 'o-local00001',
  outside: otherThan('StringNotEquals', 'aws:PrincipalOrgID'),
  network: false,
});
