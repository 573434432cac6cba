import type { AuditAction } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import { texts } from '../../policy/entries/templates/kinds/share-conditions.ts';
import type { EntryKind } from '../../policy/entries/templates/kinds/template.ts';
import { DomainError } from '../../problems/problem.ts';
import type { KeyGranter } from '../grants/key-granter.ts';
import { denialIn, evictedIn } from '../incidents/changes/denials.ts';
import { evictPrincipal } from '../incidents/changes/evict-principal.ts';
import { freezeSecret } from '../incidents/changes/freeze-secret.ts';
import type { IncidentHistory } from '../incidents/changes/incident-history.ts';
import { liftIncident } from '../incidents/changes/lift-incident.ts';
import type { LegExaminer } from '../judge/legs/legs.ts';
import type { ChangeCommand } from '../write/change.ts';
import { adoptStatement } from './adopt-statement.ts';
import { applyManifest } from './apply-manifest.ts';
import type { CommandBase } from './command.ts';
import { denyPrincipal } from './deny-principal.ts';
import type { ChangeHistory } from './history.ts';
import type { OrphanPruner } from './later/prune-orphans.ts';
import { removeStatement } from './remove-statement.ts';
import { deletePolicy, replacePolicy, rollBack } from './replace-policy.ts';
import { restoreDrift } from './restore-drift.ts';
import { restrictAccess } from './restrict-access.ts';
import { revokeAccess } from './revoke-access.ts';
import { shareSecret } from './share-secret.ts';

/** What callers may ask for; the other actions are recorded of the service itself, or of approvals. */
type AskedAction = Exclude<
  AuditAction,
  | 'expire'
  | 'drift'
  | 'createGrant'
  | 'revokeGrant'
  | 'requestApproval'
  | 'approve'
  | 'reject'
  | 'expireApproval'
  | 'refuseStored'
  | 'startOperation'
  | 'cancelOperation'
  | 'survey'
  | 'openFinding'
  | 'closeFinding'
  | 'acknowledgeFinding'
>;

type Base = CommandBase & { ifNoneMatch: boolean };

/**
 * A mutation as plain JSON: what is asked for, and by whom. A command holds functions and can't be stored; what the audit
 * log records of it, its action and its request, is enough to build it again.
 */
export type CommandRequest = Base & { action: AskedAction; request: Record<string, unknown> };

/** @throws Error for a command of the service itself, which nobody asked for */
export function commandRequestOf(command: ChangeCommand): CommandRequest {
  const { changeId, requester, action, secretId, request, reason, ticket, ifMatch, ifNoneMatch, dryRun } = command;
  if (!isAsked(action)) throw new Error(`Nobody asks for ${action}.`);
  return {
    ...{ changeId, requester, action, secretId, request, reason, ticket, ifMatch, dryRun },
    ifNoneMatch: ifNoneMatch ?? false,
  };
}

export type CommandBuilder = (asked: CommandRequest) => Promise<ChangeCommand>;

type Deps = {
  legs: LegExaminer;
  granter: KeyGranter;
  history: ChangeHistory;
  pruner: Pick<OrphanPruner, 'command'>;
  incidents: IncidentHistory;
  clock: Clock;
};
type Builder = (base: Base, request: Record<string, unknown>, deps: Deps) => ChangeCommand | Promise<ChangeCommand>;

/** The request was checked when it was first made, so that its type is known. */
const builders: Record<AskedAction, Builder> = {
  share: (base, request, deps) => shareSecret(base, request, { ...deps, now: deps.clock() }),
  deny: (base, request) => denyPrincipal(base, request),
  restrict: (base, request) => restrictAccess(base, request),
  revoke: (base, request, { granter }) =>
    revokeAccess(base, request['kind'] as EntryKind, String(request['id']), granter),
  replacePolicy: (base, request) => replacePolicy(base, request['policy']),
  deletePolicy: (base) => deletePolicy(base),
  async rollback(base, request, { history }) {
    const changeId = String(request['changeId']);
    return rollBack(base, changeId, await history.policyBefore(base.secretId, changeId));
  },
  restoreDrift: (base, _, { clock }) => restoreDrift(base, clock()),
  prune: (base, request, { pruner }) => pruner.command(base, request),
  removeStatement: (base, request) => removeStatement(base, String(request['hash'])),
  applyManifest: (base, { etag, ...manifest }, deps) =>
    applyManifest(base, manifest, etag === undefined ? null : String(etag), { ...deps, now: deps.clock() }),
  adopt: (base, request) => adoptStatement(base, String(request['hash'])),
  freeze: (base, { incident, except }, deps) =>
    freezeSecret(base, { incident: String(incident), except: texts(except) }, deps),
  evict: (base, { incident, ...request }, deps) =>
    evictPrincipal(base, { incident: String(incident), evicted: evictedIn(request) }, deps),
  lift: (base, { incident, changeId, ...request }, deps) =>
    liftIncident(base, { incident: String(incident), changeId: String(changeId), denial: denialIn(request) }, deps),
};

/** Builds commands anew: their time is now, and so is what they read. @throws DomainError as the use cases do */
export function createCommandBuilder(deps: Deps): CommandBuilder {
  return async ({ action, request, ...base }) => {
    if (!isAsked(action)) throw ofNewerVersion(action);
    return builders[action](base, request, deps);
  };
}

const isAsked = (action: AuditAction): action is AskedAction => action in builders;

/** In what was stored: its type is only what this version knows. */
const ofNewerVersion = (action: string): DomainError =>
  new DomainError('stored-command-refused', {
    why: `A newer version of this service stored it: this one does not know what ${action} is.`,
  });
