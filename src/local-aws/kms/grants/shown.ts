import Type from 'typebox';
import { type Call, seconds } from '../../call.ts';
import { shownPrincipal } from '../../enforcement/stored-policy.ts';
import { AwsError } from '../../protocol/errors.ts';
import { optional, text } from '../../protocol/input.ts';
import { pageOf } from '../../protocol/paging.ts';
import type { GrantRecord } from '../../records.ts';
import { isServicePrincipal } from './statements.ts';

/** Members that the operations on grants have in common. */
export const GrantId = text(1, 128);
export const PrincipalName = text(1, 256, String.raw`^[\w+=,.@:/-]+$`);
export const ServicePrincipal = text(1, 256, String.raw`^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$`);
export const DryRun = optional(Type.Boolean());

/** The last step before anything changes. Source: KMS Developer Guide, "Testing your permissions". */
export function refuseDryRun({ DryRun: dryRun = false }: { DryRun?: boolean }): void {
  if (!dryRun) return;
  const message = 'The request would have succeeded, but the DryRun option is set.';
  throw new AwsError('DryRunOperationException', message, 412);
}

/** As ListGrants and ListRetirableGrants show it. */
export const shownGrant = (call: Call, { grantee, retiring, ...grant }: GrantRecord) => ({
  KeyId: grant.keyArn,
  GrantId: grant.id,
  ...(grant.name === undefined ? {} : { Name: grant.name }),
  CreationDate: seconds(grant.createdAt),
  ...shownGrantee(call, grantee),
  ...(retiring === undefined ? {} : shownRetiring(call, retiring)),
  IssuingAccount: grant.issuingAccount,
  Operations: grant.operations,
  ...(grant.constraints === undefined ? {} : { Constraints: grant.constraints }),
});

/** An answer of ListGrants or ListRetirableGrants. @param grants by their ids */
export function pageOfGrants(
  grants: readonly ReturnType<typeof shownGrant>[],
  { Limit = 50, Marker }: { Limit?: number | undefined; Marker?: string | undefined },
) {
  const { items, next } = pageOf(grants, ({ GrantId: id }) => id, Limit, Marker, 'InvalidMarkerException');
  return { Grants: items, Truncated: next !== undefined, ...(next && { NextMarker: next }) };
}

const shownGrantee = (call: Call, stored: string): { GranteePrincipal?: string; GranteeServicePrincipal?: string } =>
  isServicePrincipal(stored)
    ? { GranteeServicePrincipal: stored }
    : { GranteePrincipal: shownPrincipal(stored, call.directory) };

const shownRetiring = (
  call: Call,
  stored: string,
): { RetiringPrincipal?: string; RetiringServicePrincipal?: string } =>
  isServicePrincipal(stored)
    ? { RetiringServicePrincipal: stored }
    : { RetiringPrincipal: shownPrincipal(stored, call.directory) };
