import type { Page, PageRequest } from '../../page.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { mayLook } from '../guard/guard-change.ts';
import type { VisibleSecrets } from '../guard/visible-secrets.ts';
import type { Identity } from '../identity.ts';
import type { Approval, ApprovalStatus, PendingChange } from './approval.ts';
import type { ApprovalStore } from './approval-store.ts';
import type { ApprovalFinisher } from './finish-approval.ts';
import type { ApprovalPreviewer } from './preview-approval.ts';

/** An approval shows a secret's policy: whoever may read that may see it, and whoever asked for it. */
export type ApprovalViewer = {
  /** Newest first, each as of now, and so 50 at most. A page holds fewer where the caller may not see some. */
  list(identity: Identity, query: PageRequest & ApprovalFilter): Promise<Page<PendingChange>>;
  /** @throws DomainError approval-not-found, also for one that the caller may not see */
  find(identity: Identity, id: string): Promise<PendingChange>;
};

/** `requestedBy` is a subject, or `me`; what waits for somebody is pending, of a group of theirs, and asked for by another. */
export type ApprovalFilter = { status?: ApprovalStatus; requestedBy?: string; waitingFor?: 'me' };

/** AWS is asked about each of them. */
const AT_MOST = 50;

export function createApprovalViewer(deps: {
  approvals: Pick<ApprovalStore, 'list' | 'find'>;
  finisher: Pick<ApprovalFinisher, 'expire'>;
  authorizer: Authorizer;
  visible: Pick<VisibleSecrets, 'asShown'>;
  preview: ApprovalPreviewer;
}): ApprovalViewer {
  const mayLookAt = (identity: Identity, approval: Approval): boolean =>
    askedFor(approval, identity) || mayLook(deps.authorizer, identity, 'readPolicy', approval.secret);

  const show = async (identity: Identity, approval: Approval): Promise<PendingChange> =>
    deps.visible.asShown(identity, await deps.preview(approval));

  return {
    async list(identity, { limit, cursor, ...filter }) {
      await deps.finisher.expire();
      const page = { limit: Math.min(limit, AT_MOST), cursor };
      const { items: all, nextCursor } = await deps.approvals.list(statusIn(filter), page);
      const seen = all.filter((approval) => isWanted(identity, filter, approval) && mayLookAt(identity, approval));
      const items = await Promise.all(seen.map((approval) => show(identity, approval)));
      return { items, nextCursor };
    },
    async find(identity, id) {
      await deps.finisher.expire();
      const approval = await deps.approvals.find(id);
      if (approval === null || !mayLookAt(identity, approval)) throw new DomainError('approval-not-found');
      return show(identity, approval);
    },
  };
}

/** A name is a person: two credentials of one subject do not make two people. */
export const askedFor = ({ asked }: Approval, { subject }: Identity): boolean =>
  asked.requester.identity.subject === subject;

/** The store tells statuses apart; a page holds fewer for the rest. */
function statusIn({ status, waitingFor }: ApprovalFilter): { status?: ApprovalStatus } {
  if (status !== undefined) return { status };
  return waitingFor === undefined ? {} : { status: 'pending' };
}

function isWanted(identity: Identity, { requestedBy, waitingFor }: ApprovalFilter, approval: Approval): boolean {
  const isOwn = askedFor(approval, identity);
  const waits = approval.status === 'pending' && !isOwn && identity.groups.includes(approval.group);
  const isTheirs = requestedBy === 'me' ? isOwn : approval.asked.requester.identity.subject === requestedBy;
  return (requestedBy === undefined || isTheirs) && (waitingFor === undefined || waits);
}
