import { OrganizationId } from './kinds/parameters.ts';
import { restrictionTemplate } from './kinds/restriction.ts';
import { otherThan } from './kinds/restriction-statement.ts';

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
