import { noteAsked } from '../../access/guard/asked-guardrails.ts';
import type { Authorizer } from '../../access/guard/authorizer.ts';
import { assertAllowed } from '../../access/guard/guard-change.ts';
import type { Requester } from '../../access/identity.ts';
import type { AuditJournal } from '../../access/write/record/audit-journal.ts';
import { draft } from '../../access/write/record/change-recorder.ts';
import type { Clock } from '../../clock.ts';
import { DomainError } from '../../problems/problem.ts';
import { wrongField } from '../../problems/wrong-field.ts';
import type { Acknowledgements, EstateSearch } from '../estate-index.ts';
import type { OwnChanges } from '../own-changes.ts';
import { eyesOf } from './eyes.ts';
import { type ShownFinding, shownFinding } from './list-findings.ts';

/** `until` is RFC 3339; `changeId` is of the record; `etag` is of the finding that was seen; without one that of now is meant. */
export type AcknowledgeRequest = {
  id: string;
  etag?: string | undefined;
  changeId: string;
  reason: string;
  ticket: string | null;
  until: string;
};

/**
 * Says that somebody knows of a finding, and why it may stay until then. It is of what was found: where the finding ends, or
 * somebody comes to it, it is open again.
 * @throws DomainError finding-not-found, also for what the caller may not see; finding-changed, validation-failed, forbidden,
 * audit-unavailable
 */
export type FindingAcknowledger = (requester: Requester, asked: AcknowledgeRequest) => Promise<ShownFinding>;

export function createFindingAcknowledger(deps: {
  search: Pick<EstateSearch, 'findingOf'>;
  acknowledgements: Acknowledgements;
  ownChanges: Pick<OwnChanges, 'settle'>;
  authorizer: Authorizer;
  journal: Pick<AuditJournal, 'append'>;
  clock: Clock;
}): FindingAcknowledger {
  return async (requester, { id, etag, changeId, reason, ticket, until }) => {
    const { identity } = requester;
    const now = deps.clock();
    const end = new Date(until);
    if (end <= now) throw wrongField('/until', 'is over');
    const sees = eyesOf(deps.authorizer, identity, 'checkAccess');
    await deps.ownChanges.settle();
    const found = await deps.search.findingOf(id);
    if (found === null || !sees(found.seen.secret)) throw new DomainError('finding-not-found');
    const { secret } = found.seen;
    const context = { escalates: false, hasReason: true, hasTicket: ticket !== null, dryRun: false };
    const question = { identity, action: 'acknowledgeFinding', secret, context } as const;
    assertAllowed(deps.authorizer, question);
    noteAsked(requester, question);
    const { etag: current } = shownFinding(found, now);
    if (etag !== undefined && etag !== current) throw new DomainError('finding-changed', { etag: current });
    const request = { finding: id, kind: found.kind, until: end.toISOString() };
    const said = { changeId, requester, action: 'acknowledgeFinding', request, reason, ticket } as const;
    // First the record: what nobody recorded did not happen.
    await deps.journal.append([draft(secret, said, 'outcome', { outcome: 'applied' })]);
    const acknowledgement = { by: identity.subject, reason, at: now, until: end };
    await deps.acknowledgements.acknowledge(found, acknowledgement);
    return shownFinding({ ...found, acknowledgement }, now);
  };
}
