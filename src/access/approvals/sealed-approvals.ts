import type { CommandSeal } from '../stored/command-seal.ts';
import { type StoredRefuser, unauthentic } from '../stored/refuse-stored.ts';
import type { Approval, ApprovalStatus, Decision } from './approval.ts';
import type { ApprovalStore } from './approval-store.ts';

/** What the seal of an approval speaks of: what was asked for, which nothing changes. */
const askedOf = ({ status: _, decision: __, problem: ___, seal: ____, ...asked }: Approval) => asked;

/** And that of a decision: whose word it is, on which approval. */
function decidedOf(id: string, verdict: ApprovalStatus, { by, at, reason, etag, group, narrowed }: Decision) {
  const said = [id, verdict, by, at, reason];
  if (group !== undefined || narrowed !== undefined)
    return [...said, etag ?? null, { ...(group !== undefined && { group }), ...(narrowed && { narrowed }) }];
  return etag === undefined ? said : [...said, etag];
}

/**
 * The approvals that this service stored, and nobody changed since: who can write the database must neither ask nor
 * approve. Others are not there; one that might have been carried out is put on record as refused, and ends.
 */
export function trustSealedApprovals(
  store: ApprovalStore,
  { seal, refused }: { seal: CommandSeal; refused: StoredRefuser },
): ApprovalStore {
  const isOurs = (approval: Approval): boolean => {
    const { id, status, decision, asked } = approval;
    if (!seal.holds('approval', askedOf(approval), approval.seal) || asked.requester.identity.method === 'system')
      return false;
    if (decision === null) return status === 'pending' || status === 'expired';
    return status !== 'pending' && seal.holds('decision', decidedOf(id, verdictOf(status), decision), decision.seal);
  };

  async function trusted(approval: Approval): Promise<Approval[]> {
    if (isOurs(approval)) return [approval];
    const { id, status } = approval;
    if (status !== 'pending' && status !== 'approved') return [];
    const { code, message } = unauthentic();
    const problem = { code, detail: message };
    if (await store.move(id, status, { status: 'failed', problem, left: 'nothing' })) {
      await refused({ kind: 'approval', id, secretId: approval.secret?.arn });
    }
    return [];
  }

  const allTrusted = async (approvals: readonly Approval[]): Promise<Approval[]> =>
    (await Promise.all(approvals.map(trusted))).flat();

  return {
    add: (approval) => store.add({ ...approval, seal: seal.of('approval', askedOf(approval)) }),
    async find(id) {
      const found = await store.find(id);
      return found === null ? null : ((await trusted(found))[0] ?? null);
    },
    async list(filter, page) {
      const { items, nextCursor } = await store.list(filter, page);
      return { items: await allTrusted(items), nextCursor };
    },
    move(id, from, { decision, ...to }) {
      if (decision === undefined) return store.move(id, from, to);
      const sealed = { ...decision, seal: seal.of('decision', decidedOf(id, to.status, decision)) };
      return store.move(id, from, { ...to, decision: sealed });
    },
    takeLeft: async () => allTrusted(await store.takeLeft()),
  };
}

/** What was decided, of an approval that has come further since. */
const verdictOf = (status: ApprovalStatus): ApprovalStatus => (status === 'rejected' ? 'rejected' : 'approved');
