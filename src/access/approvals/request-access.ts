import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../clock.ts';
import { EMPTY_POLICY } from '../../policy/entries/compile.ts';
import { DomainError } from '../../problems/problem.ts';
import type { CommandBase } from '../commands/command.ts';
import { commandRequestOf } from '../commands/command-registry.ts';
import { type ShareRequest, shareSecret } from '../commands/share-secret.ts';
import type { KeyGranter } from '../grants/key-granter.ts';
import { noteAsked } from '../guard/asked-guardrails.ts';
import type { AuthorizationRequest, Authorizer } from '../guard/authorizer.ts';
import { assertAllowed } from '../guard/guard-change.ts';
import { whySaid } from '../guard/guard-context.ts';
import type { VisibleSecrets } from '../guard/visible-secrets.ts';
import { callerKey, type Identity } from '../identity.ts';
import { NO_EFFECT } from '../judge/effect/effect.ts';
import type { LegExaminer } from '../judge/legs/legs.ts';
import type { Secret } from '../secret.ts';
import type { ChangeCommand } from '../write/change.ts';
import type { AuditJournal } from '../write/record/audit-journal.ts';
import { draft } from '../write/record/change-recorder.ts';
import type { SecretLock } from '../write/secret-lock.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import { isAccessRequest, MOST_OPEN_REQUESTS, nobodyDecides, REQUEST_LIFETIME_MS } from './access-request.ts';
import { type Approval, auditedAs, describeApproval, type PendingChange } from './approval.ts';
import type { ApprovalStore } from './approval-store.ts';
import { askedFor } from './view-approvals.ts';

/**
 * Where a reader asks for access to a secret that others look after: it waits for whoever the guardrails name. What it would
 * do to the policy is for them to see: the asker may not, and learns nothing of it.
 * @throws DomainError secret-not-found, forbidden (audited), validation-failed, escalation-not-acknowledged,
 * rate-limited while 20 of the caller's wait
 */
export type AccessRequester = (base: CommandBase, asked: ShareRequest) => Promise<PendingChange>;

const PAGE = 200;

export function createAccessRequester(deps: {
  policies: Pick<SecretPolicies, 'describe'>;
  authorizer: Authorizer;
  visible: Pick<VisibleSecrets, 'assertMayUse' | 'asSeen'>;
  approvals: Pick<ApprovalStore, 'add' | 'list'>;
  journal: Pick<AuditJournal, 'append'>;
  lock: SecretLock;
  legs: LegExaminer;
  granter: KeyGranter;
  clock: Clock;
}): AccessRequester {
  const { authorizer, approvals } = deps;

  function groupFor(command: ChangeCommand, secret: Secret): string {
    const { requester, guard } = command;
    const { identity } = requester;
    const context = { ...guard.context, ...whySaid(command) };
    const question: AuthorizationRequest = { identity, action: 'requestAccess', secret, context };
    const group = assertAllowed(authorizer, question);
    noteAsked(requester, question);
    return group ?? nobodyDecides();
  }

  async function assertFewOpen(identity: Identity): Promise<void> {
    let open = 0;
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await approvals.list({ status: 'pending' }, { limit: PAGE, cursor });
      open += page.items.filter((approval) => isAccessRequest(approval) && askedFor(approval, identity)).length;
      cursor = page.nextCursor ?? undefined;
      await nextTurn();
    }
    if (open < MOST_OPEN_REQUESTS) return;
    throw new DomainError('rate-limited', { max: MOST_OPEN_REQUESTS, of: 'requests that wait', retryAfter: 3_600 });
  }

  /** On record; who may not know of the secret is told that there is none. */
  async function refused(command: ChangeCommand, secret: Secret, error: unknown): Promise<DomainError> {
    if (!(error instanceof DomainError) || error.code !== 'forbidden') throw error;
    const { code, message } = error;
    const said = { ...command, action: 'requestApproval' } as const;
    await deps.journal.append([draft(secret, said, 'outcome', { outcome: 'refused', error: { code, message } })]);
    return deps.visible.asSeen(command.requester.identity, command.secretId, error);
  }

  return async (base, asked) => {
    const { identity } = base.requester;
    const now = deps.clock();
    // What is wrong with the request itself is told before anybody looks whether there is such a secret.
    const command = requestOf(shareSecret(base, asked, { ...deps, now }));
    await deps.visible.assertMayUse(identity, base.secretId);
    const secret = await deps.policies.describe(base.secretId);
    let group: string;
    try {
      group = groupFor(command, secret);
    } catch (error) {
      throw await refused(command, secret, error);
    }
    // Held against no policy, and no key: those are not the asker's to learn of.
    shareSecret(base, { ...asked, acknowledgeUnreadable: true }, { ...deps, now }).edit(EMPTY_POLICY, secret, [], []);
    const approval = approvalOf(command, secret, group, now);
    // Over all replicas: of many at once none is one too many.
    return deps.lock.withLock(`access-requests/${callerKey(identity)}`, async () => {
      await assertFewOpen(identity);
      const said = { ...auditedAs(approval, base.requester), action: 'requestApproval' } as const;
      await deps.journal.append([draft(approval.secret, said, 'outcome', { outcome: 'applied' })]);
      await approvals.add(approval);
      return describeApproval(approval);
    });
  };
}

const requestOf = (command: ChangeCommand): ChangeCommand => ({
  ...command,
  guard: { ...command.guard, action: 'requestAccess' },
});

function approvalOf(command: ChangeCommand, secret: Secret, group: string, now: Date): Approval {
  const { arn, name, account, region, tags } = secret;
  return {
    id: command.changeId,
    status: 'pending',
    group,
    // By its ARN: the name may be another secret's by then.
    asked: commandRequestOf({ ...command, secretId: arn }),
    guard: command.guard,
    secret: { arn, name, account, region, tags },
    summary: `${whoOf(command)} asks to use ${name}${untilOf(command)}.`,
    effect: NO_EFFECT,
    diff: [],
    warnings: [],
    requestedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + REQUEST_LIFETIME_MS).toISOString(),
    decision: null,
    problem: null,
  };
}

const whoOf = ({ request }: ChangeCommand): string => String(request['principal']);
const untilOf = ({ request: { expiresAt } }: ChangeCommand): string =>
  expiresAt === undefined ? '' : ` until ${String(expiresAt)}`;
