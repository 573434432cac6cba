import { denyAccount } from './deny-account.ts';
import { denyPermissionSet } from './deny-permission-set.ts';
import { denyPrincipal } from './deny-principal.ts';
import { denyPrincipalArn } from './deny-principal-arn.ts';
import type { AnyTemplate } from './kinds/template.ts';
import { restrictToMatchTag } from './restrict-to-match-tag.ts';
import { restrictToOrganization } from './restrict-to-organization.ts';
import { restrictToPrincipals } from './restrict-to-principals.ts';
import { restrictToSourceIps } from './restrict-to-source-ips.ts';
import { restrictToVpcEndpoints } from './restrict-to-vpc-endpoints.ts';
import { restrictToVpcs } from './restrict-to-vpcs.ts';
import { shareWithOrganization } from './share-with-organization.ts';
import { shareWithOrganizationalUnit } from './share-with-organizational-unit.ts';
import { shareWithPermissionSet } from './share-with-permission-set.ts';
import { shareWithPrincipal } from './share-with-principal.ts';
import { shareWithService } from './share-with-service.ts';

/**
 * Every template there is. To add one: write its file, name it here. Nothing else knows them by name: requests, entries,
 * /v1/templates, OpenAPI and the pages' words follow, and test/policy holds it to `read` being the inverse of `render`.
 */
export const templates: readonly AnyTemplate[] = [
  shareWithPrincipal,
  shareWithOrganization,
  shareWithOrganizationalUnit,
  shareWithPermissionSet,
  shareWithService,
  denyPrincipal,
  denyPrincipalArn,
  denyAccount,
  denyPermissionSet,
  restrictToOrganization,
  restrictToVpcEndpoints,
  restrictToVpcs,
  restrictToPrincipals,
  restrictToSourceIps,
  restrictToMatchTag,
];

export const templateNamed = (name: string): AnyTemplate | undefined =>
  templates.find((template) => template.name === name);
