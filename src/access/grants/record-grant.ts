import type { EventDraft } from '../../audit/event.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Secret } from '../secret.ts';
import type { ChangeCommand } from '../write/change.ts';
import type { AuditJournal } from '../write/record/audit-journal.ts';
import { draft } from '../write/record/change-recorder.ts';
import type { AwsReceipt } from '../write/secret-policies.ts';

/** The change that it is done for. */
export type GrantedFor = Pick<ChangeCommand, 'changeId' | 'requester' | 'reason' | 'ticket' | 'dryRun'>;

export type GrantRecorder = (
  command: GrantedFor,
  secret: Secret,
  action: 'createGrant' | 'revokeGrant',
  request: Record<string, unknown>,
  work: () => Promise<AwsReceipt>,
) => Promise<void>;

/**
 * Intent before, outcome after, as for policies; the events carry no policy. One after another: an outcome closes the
 * oldest intent of its change and action.
 */
export const createGrantRecorder =
  (journal: Pick<AuditJournal, 'append'>): GrantRecorder =>
  async (command, secret, action, request, work) => {
    const said = { ...command, action, request };
    await journal.append([draft(secret, said, 'intent', {})]);
    let outcome: Partial<EventDraft>;
    let failure: unknown;
    try {
      outcome = { outcome: 'applied', ...(await work()) };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      failure = error;
      outcome = {
        outcome: error.facts.uncertain === true ? 'unknown' : 'failed',
        error: { code: error.code, message: error.message },
        awsRequestId: error.facts.awsRequestId ?? null,
      };
    }
    await journal.append([{ ...draft(secret, said, 'outcome', {}), ...outcome }]);
    if (failure !== undefined) throw failure;
  };
