import type { Page, PageRequest } from '../../page.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { mayLook } from '../guard/guard-change.ts';
import type { VisibleSecrets } from '../guard/visible-secrets.ts';
import type { Identity } from '../identity.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import { asAsked, groupNow, isAccessRequest } from './access-request.ts';
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
  /** One that the caller asked for access by. @throws DomainError approval-not-found */
  findRequest(identity: Identity, id: string): Promise<PendingChange>;
  /** Whether the caller may see this one. */
  sees(identity: Identity, approval: Approval): Promise<boolean>;
};

/** `requestedBy` is a subject, or `me`; what waits for somebody is pending, of a group of theirs, and asked for by another. */
type ApprovalFilter = {
  status?: ApprovalStatus;
  requestedBy?: string;
  waitingFor?: 'me';
  /** Requests for access only. */
  requests?: true;
};

/** AWS is asked about each of them. */
const AT_MOST = 50;

export function createApprovalViewer(deps: {
  approvals: Pick<ApprovalStore, 'list' | 'find'>;
  finisher: Pick<ApprovalFinisher, 'expire'>;
  authorizer: Authorizer;
  visible: Pick<VisibleSecrets, 'asShown' | 'mayUse' | 'readsPolicy'>;
  policies: Pick<SecretPolicies, 'describe'>;
  preview: ApprovalPreviewer;
}): ApprovalViewer {
  /** Also of one's own nothing is asked of AWS in an account that one may not use. */
  async function mayLookAt(identity: Identity, approval: Approval): Promise<boolean> {
    const { secret } = approval;
    const isShown = askedFor(approval, identity) || mayLook(deps.authorizer, identity, 'readPolicy', secret);
    return isShown && (await deps.visible.mayUse(identity, secret.arn));
  }

  /** A request goes where its secret goes; where that can't be found out, it is whose it was. */
  async function ofNow(approval: Approval): Promise<Approval> {
    if (approval.status !== 'pending' || !isAccessRequest(approval)) return approval;
    try {
      const secret = await deps.policies.describe(approval.secret.arn);
      return { ...approval, group: groupNow(deps.authorizer, approval, secret) };
    } catch (error) {
      if (error instanceof DomainError) return approval;
      throw error;
    }
  }

  async function show(identity: Identity, approval: Approval): Promise<PendingChange> {
    if (isAccessRequest(approval) && !(await deps.visible.readsPolicy(identity, approval.secret)))
      return asAsked(approval);
    return deps.visible.asShown(identity, await deps.preview(approval, identity));
  }

  async function found(identity: Identity, id: string): Promise<Approval> {
    await deps.finisher.expire();
    const approval = await deps.approvals.find(id);
    if (approval === null || !(await mayLookAt(identity, approval))) throw new DomainError('approval-not-found');
    return approval;
  }

  return {
    async list(identity, { limit, cursor, ...filter }) {
      await deps.finisher.expire();
      const page = { limit: Math.min(limit, AT_MOST), cursor };
      const { items: all, nextCursor } = await deps.approvals.list(statusIn(filter), page);
      const wanted = all.filter((approval) => isWanted(identity, filter, approval));
      const items = await Promise.all(
        wanted.map(async (approval) => {
          if (!(await mayLookAt(identity, approval))) return [];
          const now = await ofNow(approval);
          return filter.waitingFor === undefined || waitsFor(identity, now) ? [await show(identity, now)] : [];
        }),
      );
      return { items: items.flat(), nextCursor };
    },
    async find(identity, id) {
      return show(identity, await ofNow(await found(identity, id)));
    },
    async findRequest(identity, id) {
      const approval = await found(identity, id);
      if (!isAccessRequest(approval) || !askedFor(approval, identity)) throw new DomainError('approval-not-found');
      return show(identity, await ofNow(approval));
    },
    sees: mayLookAt,
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

function isWanted(identity: Identity, filter: ApprovalFilter, approval: Approval): boolean {
  const { requestedBy, waitingFor, requests } = filter;
  // Of which group a request is now is looked up later.
  const mayWait = isAccessRequest(approval) || waitsFor(identity, approval);
  if (requests === true && !isAccessRequest(approval)) return false;
  const isOwn = askedFor(approval, identity);
  const isTheirs = requestedBy === 'me' ? isOwn : approval.asked.requester.identity.subject === requestedBy;
  return (requestedBy === undefined || isTheirs) && (waitingFor === undefined || mayWait);
}

const waitsFor = (identity: Identity, approval: Approval): boolean =>
  approval.status === 'pending' && !askedFor(approval, identity) && identity.groups.includes(approval.group);
