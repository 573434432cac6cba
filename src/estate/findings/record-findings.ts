import { SYSTEM } from '../../access/identity.ts';
import type { Secret } from '../../access/secret.ts';
import type { AuditJournal } from '../../access/write/record/audit-journal.ts';
import { draft } from '../../access/write/record/change-recorder.ts';
import { type Finding, type FindingKind, findingId, severityOf } from './finding.ts';

/**
 * Puts on record what opens and what closes, before the index shows it: what is repeated after a crash may be there twice,
 * and nothing is missing. @throws DomainError audit-unavailable
 */
export type FindingRecorder = (
  secret: Secret,
  before: readonly FindingKind[],
  after: readonly Pick<Finding, 'kind' | 'detail'>[],
) => Promise<void>;

export function createFindingRecorder(deps: {
  journal: Pick<AuditJournal, 'append'>;
  newChangeId(): string;
}): FindingRecorder {
  return async (secret, before, after) => {
    const opened = after.filter(({ kind }) => !before.includes(kind));
    const closed = before.filter((kind) => !after.some((finding) => finding.kind === kind));
    const event = (action: 'openFinding' | 'closeFinding', kind: FindingKind, detail: string | null) => {
      const request = {
        finding: findingId(secret.arn, kind),
        kind,
        severity: severityOf[kind],
        ...(detail && { detail }),
      };
      const said = { changeId: deps.newChangeId(), requester: SYSTEM, action, request, reason: null, ticket: null };
      return draft(secret, said, 'outcome', { outcome: 'applied' });
    };
    const events = [
      ...opened.map(({ kind, detail }) => event('openFinding', kind, detail)),
      ...closed.map((kind) => event('closeFinding', kind, null)),
    ];
    if (events.length > 0) await deps.journal.append(events);
  };
}
