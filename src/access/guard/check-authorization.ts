import type { Clock } from '../../clock.ts';
import { escalatingActions, GET_SECRET_VALUE, READ_ACTIONS } from '../../policy/actions.ts';
import { renderAlone } from '../../policy/entries/compile.ts';
import { accept, choosingMembers } from '../../policy/entries/request.ts';
import type { EntryKind, Group, Subject } from '../../policy/entries/templates/kinds/template.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Identity } from '../identity.ts';
import { isIncidentChange } from '../incidents/incident.ts';
import type { Secret } from '../secret.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import { type AuthorizationDecision, type Authorizer, type GuardedAction, guardedActions } from './authorizer.ts';
import { accountOf as accountOfSubject, conditionKeysOf, type GuardContext, guardContext } from './guard-context.ts';
import { aboutAccount, accountOf, type VisibleSecrets } from './visible-secrets.ts';

/** What a caller would like to know about: a call that it does not make. Whom it is about, as the call would say it. */
type AuthorizationQuestion = Group & {
  secretId?: string;
  /** All, when it names none: those of the service alone without a secret, with one the secret's too. */
  action?: GuardedAction;
  actions?: string[];
  conditionKeys?: string[];
  expiresAt?: string;
  reason?: string;
  ticket?: string;
  dryRun?: boolean;
};

type AuthorizationAnswer = {
  action: GuardedAction;
  allowed: boolean;
  /** The group of which somebody else must approve it. */
  approval: string | null;
  /** The guardrails that allow or forbid it; none where nothing allows it. */
  policies: string[];
};

/** Tells callers what the guardrails would say to them. @throws DomainError secret-not-found, forbidden, validation-failed */
export type AuthorizationChecker = {
  check(identity: Identity, question: AuthorizationQuestion): Promise<AuthorizationAnswer[]>;
};

/** The calls that are about no secret. */
const OF_THE_SERVICE: readonly GuardedAction[] = [
  'listSecrets',
  'readTemplates',
  'readAudit',
  'useAccount',
  'readIdentity',
  'startOperation',
  'cancelOperation',
  'readEstate',
  'survey',
];
const GRANTS: readonly GuardedAction[] = ['share', 'requestAccess'];
const READS: readonly GuardedAction[] = [...OF_THE_SERVICE, 'readSecret', 'readPolicy', 'checkAccess'];

export function createAuthorizationChecker(deps: {
  policies: Pick<SecretPolicies, 'describe'>;
  visible: Pick<VisibleSecrets, 'assertMayUse' | 'knows'>;
  authorizer: Authorizer;
  clock: Clock;
}): AuthorizationChecker {
  /** Tags, and with them what there is, are not to be learnt by asking. */
  async function seen(identity: Identity, secretId: string): Promise<Secret> {
    await deps.visible.assertMayUse(identity, secretId);
    const secret = await deps.policies.describe(secretId);
    if (deps.visible.knows(identity, secret)) return secret;
    throw new DomainError('secret-not-found', { secretId });
  }

  return {
    async check(identity, question) {
      const { secretId, action } = question;
      const asked = action === undefined ? guardedActions : [action];
      const known = asked.filter(
        (name) => secretId !== undefined || OF_THE_SERVICE.includes(name) || isIncidentChange(name),
      );
      if (known.length === 0) {
        throw new DomainError('validation-failed', {
          why: `Whether you may ${action} depends on the secret: name one.`,
          errors: [{ path: '/secretId', message: `is needed for ${action}` }],
        });
      }
      const isAboutSecret = secretId !== undefined && !known.every((name) => OF_THE_SERVICE.includes(name));
      const secret = isAboutSecret ? await seen(identity, secretId) : null;
      return known.map((name) => {
        if (name === 'useAccount') {
          const asked = aboutAccount(identity, accountOf(secretId ?? ''));
          return { action: name, ...inShort(deps.authorizer.decide(asked)) };
        }
        if (name === 'readIdentity') {
          const asked = { ...aboutAccount(identity, accountOfReader(question)), action: name };
          return { action: name, ...inShort(deps.authorizer.decide(asked)) };
        }
        const about: Secret | null = OF_THE_SERVICE.includes(name) ? null : secret;
        const context = contextOf(name, question, deps.clock());
        return { action: name, ...inShort(deps.authorizer.decide({ identity, action: name, secret: about, context })) };
      });
    },
  };
}

/** The same as the real call would say, and no more: a revocation names no principal, say. */
function contextOf(action: GuardedAction, question: AuthorizationQuestion, now: Date) {
  const { reason, ticket, dryRun = false } = question;
  if (READS.includes(action)) return { escalates: false, hasReason: false, hasTicket: false, dryRun: false };
  const said = { hasReason: reason !== undefined, hasTicket: ticket !== undefined, dryRun };
  return { ...subjectOf(action, question, now), ...said };
}

function subjectOf(action: GuardedAction, question: AuthorizationQuestion, now: Date): GuardContext {
  const { expiresAt, conditionKeys = [] } = question;
  const { actions = GRANTS.includes(action) ? [...READ_ACTIONS] : [GET_SECRET_VALUE] } = question;
  const escalates = escalatingActions(question.actions ?? []).length > 0;
  switch (action) {
    case 'share':
    case 'requestAccess':
    case 'approve': {
      const { subject, keys } = aboutWhom('share', question, actions);
      return guardContext({
        ...{ ...subject, actions, escalates },
        conditionKeys: [...conditionKeys, ...keys],
        expiry: expiresAt === undefined ? undefined : { at: expiresAt, now },
      });
    }
    case 'deny':
      return guardContext({ ...aboutWhom('denial', question, actions).subject, actions });
    case 'restrict':
      return guardContext({ actions, conditionKeys });
    // A whole document escalates when some statement of it does.
    case 'replacePolicy':
    case 'rollback':
      return { escalates };
    default:
      return { escalates: false };
  }
}

/** Undefined where the question names none. */
const accountOfReader = (question: AuthorizationQuestion): string | undefined =>
  accountOfSubject(aboutWhom('share', question, [...READ_ACTIONS]).subject);

/** Whom a share or denial would be about, and the condition keys that name them. A question need not say it. */
function aboutWhom(kind: EntryKind, question: AuthorizationQuestion, actions: string[]) {
  const given = choosingMembers(kind).filter((member) => question[member] !== undefined);
  const asked = given.map((member) => accept(kind, { [member]: question[member], actions }));
  const subject: Subject = Object.assign({}, ...asked.map(({ template, parameters }) => template.subject(parameters)));
  return {
    subject,
    keys: asked.flatMap(({ template, parameters }) => conditionKeysOf(renderAlone(template, parameters))),
  };
}

function inShort(decision: AuthorizationDecision): Omit<AuthorizationAnswer, 'action'> {
  const { allowed, policies } = decision;
  return { allowed, approval: decision.allowed ? decision.approval : null, policies };
}
