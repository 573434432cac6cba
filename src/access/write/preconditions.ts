import { etagOf } from '../../policy/canonical.ts';
import { MAX_POLICY_CHARACTERS, type PolicyDocument, statementsOf } from '../../policy/document.ts';
import { policyText } from '../../policy/entries/compile.ts';
import { areAmong, isOfIncident } from '../../policy/incident-statement.ts';
import { DomainError } from '../../problems/problem.ts';
import { isIncidentChange } from '../incidents/incident.ts';
import type { Secret } from '../secret.ts';
import type { ChangeCommand } from './change.ts';

/**
 * What must hold before a policy is changed. AWS would refuse most of it with InvalidRequestException, in riddles. Whether
 * a service that manages the secret lets others change its policy, only AWS can tell (User Guide, "Secrets managed by
 * other AWS services": it "might" not).
 * @throws DomainError secret-is-replica, secret-pending-deletion
 */
export function assertChangeable(secret: Secret): void {
  if (secret.primaryRegion !== null && secret.primaryRegion !== secret.region) {
    const primary = secret.arn.replace(`:${secret.region}:`, `:${secret.primaryRegion}:`);
    throw new DomainError('secret-is-replica', { primary, region: secret.primaryRegion });
  }
  if (secret.deletedAt !== null) throw new DomainError('secret-pending-deletion', { since: secret.deletedAt });
}

/**
 * RFC 9110 sections 13.1.1 and 13.1.2, against the policy attached now.
 * @throws DomainError policy-changed
 */
export function assertPreconditions(
  attached: PolicyDocument | null,
  { ifMatch, ifNoneMatch = false, approvedOn }: Pick<ChangeCommand, 'ifMatch' | 'ifNoneMatch' | 'approvedOn'>,
): void {
  const etag = etagOf(attached);
  const matches =
    ifMatch === null || (ifMatch.trim() === '*' ? attached !== null : opaqueTagsIn(ifMatch).includes(etag));
  const wasSeen = approvedOn === undefined || opaqueTagsIn(approvedOn).includes(etag);
  if (matches && wasSeen && !(ifNoneMatch && attached !== null)) return;
  throw new DomainError('policy-changed', { etag });
}

/**
 * Of weak tags too, which by RFC 9110 section 13.1.1 would never match: they stand for contents that may differ. A proxy
 * that compresses (nginx does) makes every tag weak. Ours is a hash of what the policy means, not of the bytes that were
 * sent: the same tag is the same policy, whatever a proxy did to the bytes.
 */
const opaqueTagsIn = (ifMatch: string): string[] => ifMatch.match(/"[^"]*"/g) ?? [];

/** @throws DomainError policy-too-large, with the sizes */
export function assertFits(before: PolicyDocument | null, after: PolicyDocument | null): void {
  const size = after === null ? 0 : policyText(after).length;
  if (size <= MAX_POLICY_CHARACTERS) return;
  const used = before === null ? 0 : policyText(before).length;
  throw new DomainError('policy-too-large', { limit: MAX_POLICY_CHARACTERS, size, used });
}

/**
 * What an incident denies goes with its lift alone; nor does anything take the name of one. What lets somebody in under such a
 * name is of no incident, and may go.
 * @throws DomainError held-by-incident
 */
export function assertIncidentsStand(
  before: PolicyDocument | null,
  after: PolicyDocument | null,
  { action }: Pick<ChangeCommand, 'action'>,
): void {
  if (isIncidentChange(action)) return;
  const [had, has] = [before, after].map((document) => statementsOf(document).filter(isOfIncident));
  const denied = had?.filter(({ Effect }) => Effect === 'Deny');
  if (areAmong(denied ?? [], has ?? []) && areAmong(has ?? [], had ?? [])) return;
  throw new DomainError('held-by-incident');
}
