import type { Clock } from '../../../clock.ts';
import { parseArn } from '../../../policy/arn.ts';
import { permissionSetIn } from '../../../policy/principals/permission-set.ts';
import { DomainError } from '../../../problems/problem.ts';
import { within } from '../../../turns/deadline.ts';
import { createMemory } from '../../looks/memory.ts';
import type { Reader } from '../reader.ts';
import { type Holder, type OwnPolicies, type OwnPolicyLooks, type OwnSide, UNSEEN } from './own-policies.ts';

/** What of a reader's own side can be seen. Never rejects for what AWS answers: what can't be seen is `unseen`, and says why. */
export type OwnSideViewer = (reader: Reader) => Promise<OwnSide>;

const TTL_MS = 15_000;
/** Users and roles. */
const MOST = 1_000;

/**
 * Each user's and role's policies are asked for once in some seconds, also where they can't be seen, and once for all who ask meanwhile.
 * @param patienceMs how long a look waits for them, in milliseconds: what comes later is there for the next
 */
export function createOwnSideViewer(looks: OwnPolicyLooks, clock: Clock, patienceMs: number): OwnSideViewer {
  const { once } = createMemory({ ttlMs: TTL_MS, max: MOST, clock });

  async function look(holder: Holder): Promise<OwnPolicies | OwnSide> {
    try {
      const found = await looks.of(holder);
      if (found === 'elsewhere') return UNSEEN;
      if (found === 'several') return { is: 'unseen', why: severalOf(holder) };
      return found === 'gone' ? { is: 'unseen', why: nobodyOf(holder) } : found;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return { is: 'unseen', why: error.message };
    }
  }

  return async (reader) => {
    if (reader.kind === 'federatedUser') return FEDERATED;
    const holder = holderOf(reader);
    if (holder === undefined) return UNSEEN;
    const { partition, account, type, name } = holder;
    const late: OwnSide = { is: 'unseen', why: `IAM did not answer within ${patienceMs / 1_000} s.` };
    const found = await within(
      patienceMs,
      once([partition, account, type, name].join(' '), () => look(holder)),
      late,
    );
    return 'is' in found ? found : sideOf(reader, found);
  };
}

/** The one user or role whose policies decide for all of a reader. */
function holderOf({ kind, name: pattern, caller }: Reader): Holder | undefined {
  const { partition = '', resource = '' } = parseArn(caller.arn || pattern) ?? {};
  const name = resource.slice(resource.lastIndexOf('/') + 1);
  const set = permissionSetIn(pattern);
  if (set !== undefined) return { partition, ...set, type: 'permissionSet' };
  if (kind === 'user') return { partition, account: caller.account, type: kind, name };
  if (kind === 'role' || kind === 'assumedRole') return { partition, account: caller.account, type: 'role', name };
  return undefined;
}

/** Names are unique, paths are not part of them: under another path it is somebody whom the reader's ARN does not name. */
function sideOf({ kind, caller: { arn, anyPath = false } }: Reader, policies: OwnPolicies): OwnSide {
  if (anyPath || kind === 'permissionSet' || policies.arn === arn) return { is: 'seen', policies };
  return { is: 'unseen', why: `Its account has ${policies.arn} of that name, which is another ARN.` };
}

/** IAM User Guide, "Permissions for GetFederationToken": a federated user may what both of them allow. */
const FEDERATED: OwnSide = {
  is: 'unseen',
  why: 'A federated user has the policies of the user that federated it, cut by a session policy: its ARN tells neither.',
};

const nobodyOf = ({ account, type, name }: Holder): string =>
  type === 'permissionSet'
    ? `Account ${account} has no role of the permission set ${name}: a share with it names nobody, until it is provisioned there.`
    : `Account ${account} has no ${type} ${name}: a share with it names nobody, unless it was made just now.`;

const severalOf = ({ account, name }: Holder): string =>
  `Account ${account} has more than one role of a permission set ${name}: they are not looked at.`;
