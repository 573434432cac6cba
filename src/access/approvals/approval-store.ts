import type { Page, PageRequest } from '../../page.ts';
import type { Approval, ApprovalStatus, Decision } from './approval.ts';

/** Changes that wait for a second person, over all replicas. Each method @throws DomainError audit-unavailable. */
export interface ApprovalStore {
  add(approval: Approval): Promise<void>;
  find(id: string): Promise<Approval | null>;
  /** Newest first. @param limit 1 to 1,000. @throws DomainError validation-failed for a cursor that is none of ours */
  list(filter: { status?: ApprovalStatus; expiresBy?: Date }, page: PageRequest): Promise<Page<Approval>>;
  /**
   * Moves it on if its status is still `from`: of many callers exactly one gets true. `left` says whether something is
   * left to do about it, and for whom; what is left for one whose process dies is left for anyone.
   */
  move(
    id: string,
    from: ApprovalStatus,
    to: Pick<Approval, 'status' | 'problem'> & { decision?: Decision; left: 'nothing' | 'forMe' | 'forAnyone' },
  ): Promise<boolean>;
  /** Those about which something is left for anyone: the caller's from now on. */
  takeLeft(): Promise<Approval[]>;
}
